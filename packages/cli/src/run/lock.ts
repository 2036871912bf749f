import { readFile, rm, rmdir, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { asWriteError } from '@faceanim/media/files';
import { FaceanimError } from '@faceanim/tensor';
import { lock } from 'proper-lockfile';
import { lockName, ownerName } from './names';

/** The right to write to a run folder, which one run has at a time. */
export interface RunLock extends AsyncDisposable {
  /** @throws {FaceanimError} `in-use` if another run has taken over, because this one stood still for too long. */
  check(): void;
}

/** One step may block the process for half a minute, during which the lock is not renewed. */
const staleAfter = 5 * 60_000;

interface Owner {
  readonly host: string;
  readonly pid: number;
  /** When the process began: process ids are reused, in containers always the same one. */
  readonly began: number;
}

const self: Owner = { host: hostname(), pid: process.pid, began: Math.round(performance.timeOrigin) };

/**
 * Locks a run folder, which must exist. The lock of a run that was killed is taken over: at once on the same machine, on
 * another one when it was not renewed for five minutes.
 *
 * @throws {FaceanimError} `in-use` naming the folder, while another run has it.
 */
export async function lockRunFolder(folder: string): Promise<RunLock> {
  const [path, note] = [join(folder, lockName), join(folder, ownerName)];
  const owner = await readOwner(note);
  if (owner && isDead(owner)) await rmdir(path).catch(() => {});
  let lost = false;
  const release = await lock(folder, {
    lockfilePath: path,
    stale: staleAfter,
    update: staleAfter / 10,
    onCompromised: () => (lost = true),
  }).catch((error) => {
    throw (error as { code?: string }).code === 'ELOCKED'
      ? held(folder, path, owner)
      : asWriteError(error, folder);
  });
  await writeFile(note, JSON.stringify(self)).catch(() => {});
  return {
    check: () => {
      if (lost) throw taken(folder);
    },
    [Symbol.asyncDispose]: async () => {
      if (lost) return;
      await rm(note, { force: true });
      await release().catch(() => {});
    },
  };
}

async function readOwner(note: string): Promise<Owner | undefined> {
  try {
    return JSON.parse(await readFile(note, 'utf8')) as Owner;
  } catch {
    return undefined;
  }
}

/** Whether the owner of the lock has died. Of an owner on another machine this is not known. */
function isDead({ host, pid, began }: Owner): boolean {
  if (host !== self.host) return false;
  if (pid === self.pid) return began !== self.began;
  try {
    return !process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}

function held(folder: string, path: string, owner: Owner | undefined): FaceanimError {
  const by = owner ? `, process ${owner.pid} on ${owner.host}` : '';
  return new FaceanimError('in-use', `Another run is writing to ${folder}${by}.`, {
    file: folder,
    hint: `Wait for it to end, or pass another folder as --run. If there is no such run, remove ${path}.`,
  });
}

function taken(folder: string): FaceanimError {
  return new FaceanimError(
    'in-use',
    `Another run has taken over ${folder}, because this one stood still for minutes.`,
    {
      file: folder,
      hint: 'Let the other run end. Finished frames are kept.',
    },
  );
}
