import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FaceanimError } from '@faceanim/tensor/errors';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Jobs, type JobTask, openJobs, type RunJob, startWorker } from '../src';
import { hasRedis, startRedis } from './support/redis';

const folder = mkdtempSync(join(tmpdir(), 'faceanim-parts-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const driver = join(folder, 'clip.webp');
writeFileSync(driver, 'not a video');
const storage = mkdtempSync(join(folder, 'storage-'));

/** What a command line does: `prepare`, the number of a part, or `join`. */
const workOf = ({ args }: JobTask) =>
  args.find((word) => word.startsWith('--part='))?.slice('--part='.length) ?? 'join';

function writePlan({ folder }: JobTask, parts: number): void {
  mkdirSync(join(folder, 'run/parts'), { recursive: true });
  const plan = Array.from({ length: parts }, (_, i) => ({ start: i, end: i + 1, overlap: 0 }));
  writeFileSync(join(folder, 'run/parts/plan.json'), JSON.stringify(plan));
}

describe.skipIf(!hasRedis)('a job that is split', () => {
  let redis: string;
  let jobs: Jobs;
  let queue: string;
  let queues = 0;

  beforeAll(async () => {
    ({ url: redis } = await startRedis());
  });

  beforeEach(async () => {
    queue = `parts-${queues++}`;
    jobs = await openJobs({ redis, storage, queue });
    return () => jobs[Symbol.asyncDispose]();
  });

  const work = (run: RunJob) => startWorker({ redis, storage, queue, run });

  it('is prepared, optimised in parts by all workers, and joined; lists show only the job', async () => {
    const done: string[] = [];
    let parts = 0;
    let meet = () => {};
    const met = new Promise<void>((resolve) => {
      meet = resolve;
    });
    const run: RunJob = async (task) => {
      const what = workOf(task);
      if (what === 'prepare') writePlan(task, 3);
      // The first part ends only when another has begun.
      else if (what !== 'join') {
        if (++parts === 2) meet();
        await met;
      }
      done.push(what);
    };
    const id = await jobs.submit({ driver, flags: { split: 100 } });
    await using _a = await work(run);
    await using _b = await work(run);
    await jobs.result(id);
    expect(done[0]).toBe('prepare');
    expect(done.slice(1, -1).sort()).toEqual(['1', '2', '3']);
    expect(done.at(-1)).toBe('join');
    expect((await jobs.list()).map((info) => [info.id, info.state])).toEqual([[id, 'done']]);
  });

  it('does itself what a part has failed to do, and tells why that fails, too', async () => {
    const done: string[] = [];
    const run: RunJob = async (task) => {
      const what = workOf(task);
      done.push(what);
      if (what === 'prepare') writePlan(task, 2);
      if (what === '2' || what === 'join')
        throw new FaceanimError('diverged', 'Frame 1 diverged.', { frame: 1 });
    };
    const id = await jobs.submit({ driver, flags: { split: 100 } });
    await using _ = await work(run);
    await expect(jobs.result(id)).rejects.toMatchObject({ code: 'diverged', frame: 1 });
    expect(done.at(-1)).toBe('join');
    expect(await jobs.list({ states: ['failed'] })).toHaveLength(1);
  });

  it('is cancelled with its parts', async () => {
    const begun: string[] = [];
    const id = await jobs.submit({ driver, flags: { split: 100 } });
    const run: RunJob = async (task, { signal }) => {
      const what = workOf(task);
      begun.push(what);
      if (what === 'prepare') return writePlan(task, 3);
      setTimeout(() => void jobs.cancel(id));
      await new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(new FaceanimError('aborted', 'Stopped.')));
      });
    };
    await using _ = await work(run);
    await expect(jobs.result(id)).rejects.toMatchObject({ code: 'aborted' });
    expect(begun).toEqual(['prepare', '1']);
    expect((await jobs.get(id)).state).toBe('cancelled');
  });

  it('is listed as cancelled while it waits for parts that end', async () => {
    const id = await jobs.submit({ driver, flags: { split: 100 } });
    let end = () => {};
    await using _ = await work(async (task) => {
      if (workOf(task) === 'prepare') return writePlan(task, 2);
      await jobs.cancel(id);
      await new Promise<void>((resolve) => (end = resolve));
    });
    await expect.poll(async () => (await jobs.get(id)).state).toBe('cancelled');
    expect(await jobs.list({ states: ['running'] })).toEqual([]);
    expect((await jobs.list({ states: ['cancelled'] })).map((info) => info.id)).toEqual([id]);
    end();
    await expect(jobs.result(id)).rejects.toMatchObject({ code: 'aborted' });
  });

  it('stays whole if one part holds it', async () => {
    const done: string[] = [];
    const run: RunJob = async (task) => {
      done.push(workOf(task));
      if (workOf(task) === 'prepare') writePlan(task, 1);
    };
    const id = await jobs.submit({ driver, flags: { split: 100 } });
    await using _ = await work(run);
    await jobs.result(id);
    expect(done).toEqual(['prepare', 'join']);
  });

  it('may not name its parts', async () => {
    await expect(jobs.submit({ driver, flags: { split: 9, part: 1 } })).rejects.toMatchObject({
      code: 'invalid-option',
    });
  });

  it('goes on before other jobs of the largest priority', async () => {
    const [first, other] = [
      await jobs.submit({ driver, flags: { split: 100 } }, { priority: 100 }),
      await jobs.submit({ driver }, { priority: 100 }),
    ];
    const done: string[] = [];
    await using _ = await work(async (task) => {
      const what = task.id === other ? 'other' : workOf(task);
      if (what === 'prepare') writePlan(task, 2);
      done.push(what);
    });
    await Promise.all([first, other].map((id) => jobs.result(id)));
    expect(done.slice(0, 3)).toEqual(['prepare', '1', '2']);
  });

  it('is not split where the flag is false', async () => {
    const done: string[] = [];
    const id = await jobs.submit({ driver, flags: { split: false } });
    await using _ = await work(async (task) => void done.push(workOf(task)));
    await jobs.result(id);
    expect(done).toEqual(['join']);
  });

  it('has parts that are no jobs: removing one would remove the folder of all', async () => {
    const id = await jobs.submit({ driver, flags: { split: 100 } });
    await using _ = await work(async (task) => {
      if (workOf(task) === 'prepare') writePlan(task, 2);
    });
    await jobs.result(id);
    await expect(jobs.remove(`${id}.part-1`)).rejects.toMatchObject({ code: 'invalid-option' });
    await jobs.remove(id);
  });
});
