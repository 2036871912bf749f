import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { lockRunFolder } from '../../src/run/lock';
import { fileOf, newOwner, type Owner, ownerOf } from '../../src/run/owner';

let run: string;
beforeEach(() => {
  run = mkdtempSync(join(tmpdir(), 'faceanim-lock-'));
});
afterEach(() => rmSync(run, { recursive: true, force: true }));

const linux = process.platform === 'linux';
const ownersOf = () => readdirSync(join(run, '.lock')).map((name) => ownerOf(name)?.pid);

/** A lock of another process, whose last heartbeat was some seconds ago. */
function leave(owner: Partial<Owner>, silent = 0, name = '.lock'): void {
  const file = join(run, name, fileOf({ ...newOwner(), ...owner }));
  mkdirSync(join(run, name));
  writeFileSync(file, '.');
  const then = Date.now() / 1000 - silent;
  utimesSync(file, then, then);
}

it('keeps a second run out, names its owner, and leaves nothing behind', async () => {
  {
    await using _ = await lockRunFolder(run);
    await expect(lockRunFolder(run)).rejects.toMatchObject({
      code: 'in-use',
      file: run,
      message: expect.stringContaining(`process ${process.pid}`),
    });
    expect(readdirSync(run)).toEqual(['.lock']);
  }
  expect(readdirSync(run)).toEqual([]);
});

it.each<[string, Partial<Owner>]>([
  ['was killed', { pid: 2 ** 22 + 1 }],
  ['was killed, and whose number came back', { began: '1' }],
])('is taken over at once from a run that %s', async (_, owner) => {
  if (!linux && owner.began) return;
  leave(owner);
  leave({ ...owner, id: 'a' }, 0, '.lock.prepared');
  await using lock = await lockRunFolder(run);
  expect(lock.takenFrom).toBeUndefined();
  expect(ownersOf()).toEqual([process.pid]);
  expect(readdirSync(run)).toEqual(['.lock']);
  await lock.check();
});

it.skipIf(!linux)('is taken over from a process that was killed but not waited for', async () => {
  // The shell becomes `sleep`, which never waits for its child. The child ends after that, as a shell may wait.
  const child = 'while grep -q sh /proc/$$/comm; do sleep 0.01; done';
  const parent = spawn('sh', ['-c', `(${child}) & echo $!; exec sleep 60`]);
  try {
    const [line] = (await once(parent.stdout, 'data')) as [Buffer];
    const pid = Number(line);
    await expect.poll(() => readFileSync(`/proc/${pid}/stat`, 'utf8')).toMatch(/\) Z/);
    leave({ pid, began: '1' });
    await using lock = await lockRunFolder(run);
    await lock.check();
  } finally {
    parent.kill('SIGKILL');
  }
});

it.skipIf(!linux)('is never taken from a process that runs, however long it is silent', async () => {
  leave({}, 86_400);
  await expect(lockRunFolder(run)).rejects.toMatchObject({ code: 'in-use' });
});

it.each([
  ['machine', { host: 'elsewhere' }],
  ['container of the same name', { machine: 'another' }],
])('on another %s is taken over after five minutes of silence, and says so', async (_, where) => {
  leave({ ...where, pid: 1 }, 290);
  await expect(lockRunFolder(run)).rejects.toMatchObject({
    code: 'in-use',
    message: expect.stringContaining('process 1 on '),
  });
  rmSync(join(run, '.lock'), { recursive: true });
  leave({ ...where, pid: 1 }, 310);
  await using lock = await lockRunFolder(run);
  expect(lock.takenFrom).toMatch(/^process 1 on .+, silent for 3\d\d s$/);
});

it('is noticed to be lost before anything is written', async () => {
  await using lock = await lockRunFolder(run);
  rmSync(join(run, '.lock'), { recursive: true });
  await expect(lock.check()).rejects.toMatchObject({ code: 'io', message: expect.stringMatching(/is gone/) });
  leave({ host: 'elsewhere', pid: 7 });
  await expect(lock.check()).rejects.toMatchObject({
    code: 'in-use',
    message: expect.stringMatching(/taken over .*: process 7 on elsewhere/),
  });
  await lock[Symbol.asyncDispose]();
  expect(ownersOf()).toEqual([7]);
});

it.each([0, 1])('goes to one of several runs at once, %i of them stale', async (stale) => {
  if (stale) leave({ pid: 2 ** 22 + 1 });
  const all = await Promise.allSettled(Array.from({ length: 8 }, () => lockRunFolder(run)));
  const won = all.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  expect(won).toHaveLength(1);
  await won[0]!.check();
  await won[0]![Symbol.asyncDispose]();
  expect(readdirSync(run)).toEqual([]);
});
