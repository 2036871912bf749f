import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FaceanimError } from '@faceanim/tensor';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startWorker } from '../../../jobs/src';
import { hasRedis, startRedis } from '../../../jobs/test/support/redis';
import { demoDriver, demoLook, faceanim, temporaryFolder } from '../support';

const folder = temporaryFolder();
const storage = join(folder, 'storage');
mkdirSync(storage);
const nobody = ['--redis', 'redis://127.0.0.1:1', '--storage', storage];

describe('flags', () => {
  it.each([
    ['submit without a driver', ['submit', ...nobody], /required option '--driver/],
    [
      'submit with a flag that does nothing',
      ['submit', ...nobody, '--driver', demoDriver, '--pose', 'look'],
      /--pose does nothing/,
    ],
    [
      'jobs that names none to cancel',
      ['jobs', ...nobody, '--cancel'],
      /--cancel does nothing without a job/,
    ],
    [
      'jobs that does two things to one',
      ['jobs', ...nobody, 'job-1', '--cancel', '--remove'],
      /--cancel does nothing beside --remove/,
    ],
    ['jobs in a state that does not exist', ['jobs', ...nobody, '--state', 'dead'], /--state must be one of/],
    ['worker without Redis', ['worker', '--storage', storage], /--redis is missing.*\n.*FACEANIM_REDIS/],
    ['jobs without a storage', ['jobs', ...nobody.slice(0, 2)], /--storage is missing.*\n.*FACEANIM_STORAGE/],
    ['worker with half a device', ['worker', ...nobody, '--devices', '0,,1'], /--devices must be a list/],
  ])('refuse %s', async (_, args, message) => {
    const { code, stderr } = await faceanim(args);
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
  });

  it('say that Redis cannot be reached', async () => {
    const { code, stderr } = await faceanim(['jobs', ...nobody]);
    expect(stderr).toMatch(/^error: Redis at 127\.0\.0\.1:1 cannot be reached/);
    expect(code).toBe(3);
  });
});

describe.skipIf(!hasRedis)('with Redis', () => {
  let place: string[];
  let redis: string;
  beforeAll(async () => {
    ({ url: redis } = await startRedis());
  });
  beforeEach(() => {
    place = ['--redis', redis, '--storage', storage];
  });
  const animation = ['--driver', demoDriver, '--look', demoLook, '--out', 'talk.webp', '--limit', '2'];

  it('refuses what animate refuses, before anything is copied or queued', async () => {
    for (const [flags, message] of [
      [['--start', '25'], /--start must be less than 25/],
      [['--out', 'talk.bmp'], /bmp/],
      [['--out', '../talk.webp'], /out must be the name of a file/],
      [['--fan', 'nowhere.pth'], /--fan nowhere\.pth does not exist/],
    ] as const) {
      const { code, stderr } = await faceanim(['submit', ...place, ...animation, ...flags]);
      expect(stderr).toMatch(message);
      expect(code).toBeGreaterThan(1);
    }
    expect(readdirSync(storage)).toEqual([]);
    expect((await faceanim(['jobs', ...place])).stdout).toBe(
      '0 waiting, 0 running, 0 delayed, 0 done, 0 failed or cancelled\n',
    );
  });

  it('queues, lists, follows, cancels, repeats and removes a job', async () => {
    const flags = ['--weights', 'jaw=0.1', '--align', '-1,2,3,4', '--no-audio', '--priority', '7'];
    const submitted = await faceanim(['submit', ...place, ...animation, ...flags]);
    expect(submitted.stderr).toMatch(/^The files will be in .*storage\/jobs\/job-/);
    const id = submitted.stdout.trim();
    const [job] = JSON.parse((await faceanim(['jobs', ...place, '--json'])).stdout);
    expect(job).toMatchObject({ id, state: 'waiting', priority: 7, attempts: 3 });
    expect((await faceanim(['jobs', ...place, id, '--cancel'])).stdout).toMatch(/state +cancelled/);
    expect((await faceanim(['jobs', ...place, id, '--retry'])).stdout).toMatch(/state +waiting/);

    const tries: (readonly string[])[] = [];
    await using _ = await startWorker({
      ...{ redis, storage },
      run: async ({ args, folder: at }, { onProgress }) => {
        tries.push(args);
        if (tries.length === 1) throw new FaceanimError('no-face', 'No face.', { hint: 'Crop it.' });
        onProgress({ stage: 'write' });
        writeFileSync(join(at, 'talk.webp'), '');
      },
    });
    const failed = await faceanim(['jobs', ...place, id, '--wait']);
    expect(failed).toMatchObject({
      code: 3,
      stderr: expect.stringMatching(/error: No face\.\n {2}Crop it\./),
    });
    const letters = await faceanim(['jobs', ...place, '--state', 'failed']);
    expect(letters.stdout).toMatch(
      new RegExp(`${id} +failed .* no-face: No face\\.\n\n.* 1 failed or cancelled\n$`),
    );
    expect(tries[0]).toEqual(expect.arrayContaining(['--weights=jaw=0.1', '--align=-1,2,3,4', '--no-audio']));
    expect(tries[0]).toContain('--limit=2');

    const done = await faceanim(['jobs', ...place, id, '--retry', '--wait']);
    expect(done.stdout).toMatch(/storage\/jobs\/job-\w+\/talk\.webp\n$/);
    expect((await faceanim(['jobs', ...place, id, '--remove'])).stdout).toBe(`${id} is removed.\n`);
    expect(readdirSync(join(storage, 'jobs'))).toEqual([]);
    expect((await faceanim(['jobs', ...place, id])).stderr).toMatch(
      /There is no job .*\n {2}faceanim jobs lists them/,
    );
  });
});
