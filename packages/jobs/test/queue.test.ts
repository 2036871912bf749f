import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FaceanimError } from '@faceanim/tensor/errors';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Jobs, type JobTask, openJobs, type RunJob, startWorker, type WorkerEvent } from '../src';
import { hasRedis, startRedis } from './support/redis';

const folder = mkdtempSync(join(tmpdir(), 'faceanim-jobs-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const driver = join(folder, 'clip.webp');
writeFileSync(driver, 'not a video');
const storage = mkdtempSync(join(folder, 'storage-'));

describe.skipIf(!hasRedis)('the queue', () => {
  let redis: string;
  let jobs: Jobs;
  let queue: string;
  let queues = 0;
  const events: WorkerEvent[] = [];

  beforeAll(async () => {
    ({ url: redis } = await startRedis());
  });

  beforeEach(async () => {
    queue = `test-${queues++}`;
    events.length = 0;
    jobs = await openJobs({ redis, storage, queue });
    return () => jobs[Symbol.asyncDispose]();
  });

  const work = (run: RunJob, options = {}) =>
    startWorker({ redis, storage, queue, run, onEvent: (event) => events.push(event), ...options });

  it('runs a job in its folder, and tells its progress and files', async () => {
    const tasks: JobTask[] = [];
    const id = await jobs.submit({
      driver,
      look: new File(['a face'], 'me.PNG'),
      flags: { 'steps-next': 5 },
    });
    const seen: unknown[] = [];
    jobs.onProgress(id, (progress) => seen.push(progress));
    expect(await jobs.get(id)).toMatchObject({ state: 'waiting', tries: 0, attempts: 3, priority: 0 });
    await using _ = await work(async (task, { onProgress }) => {
      tasks.push(task);
      onProgress({ stage: 'optimize', frame: 1, frames: 2 });
      await new Promise((resolve) => setTimeout(resolve, 50));
    });
    const files = await jobs.result(id);
    expect(tasks).toHaveLength(1);
    expect(tasks[0]).toMatchObject({ id, folder: files.folder });
    expect(tasks[0]!.args.slice(0, 6)).toEqual([
      '--driver=inputs/driver.webp',
      '--look=inputs/look.png',
      '--out=animation.mp4',
      '--run=run',
      '--json=report.json',
      '--steps-next=5',
    ]);
    expect(readFileSync(join(files.folder, 'inputs/look.png'), 'utf8')).toBe('a face');
    expect(files.animation).toBe(join(files.folder, 'animation.mp4'));
    expect(seen).toEqual([{ stage: 'optimize', frame: 1, frames: 2 }]);
    const info = await jobs.get(id);
    expect(info).toMatchObject({ state: 'done', tries: 1, progress: { frames: 2 }, error: undefined });
    expect(info.ended!.getTime()).toBeGreaterThanOrEqual(info.begun!.getTime());
  });

  it('keeps the code of an error, does not try again what cannot pass, and lists it as a dead letter', async () => {
    const id = await jobs.submit({ driver });
    await using _ = await work(async () => {
      throw new FaceanimError('no-face', 'No face.', { hint: 'Crop it.', frame: 3 });
    });
    const thrown = await jobs.result(id).catch((error) => error);
    expect(FaceanimError.isInstance(thrown, 'no-face')).toBe(true);
    expect(thrown).toMatchObject({ message: 'No face.', hint: 'Crop it.', frame: 3 });
    const [letter] = await jobs.list({ states: ['failed'] });
    expect(letter).toMatchObject({ id, state: 'failed', tries: 1, error: { code: 'no-face' } });
  });
});
