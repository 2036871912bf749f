import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Jobs, openJobs, startWorker } from '@faceanim/jobs';
import { hasRedis, startRedisServer } from '../packages/jobs/test/support/redis-server';
import type { BenchmarkContext } from './run';

export const description =
  'jobs on 1, 2, 4 and 8 workers with a real Redis and simulated device time [--seconds N] [--jobs N a worker]';

/**
 * Device time is simulated: a run sleeps, as a CPU does that waits for a GPU. All workers are in this process, and Redis beside
 * it flushes every command to the disk. `queue` is what the queue costs: jobs that do nothing, one at a time.
 */
export async function run({ args, log }: BenchmarkContext) {
  const { values } = parseArgs({
    args,
    options: { seconds: { type: 'string', default: '1' }, jobs: { type: 'string', default: '12' } },
  });
  if (!hasRedis) throw new Error('redis-server is not installed.');
  const [seconds, jobsPerWorker] = [Number(values.seconds), Number(values.jobs)];
  const server = await startRedisServer();
  const storage = mkdtempSync(join(tmpdir(), 'faceanim-jobs-'));
  try {
    const measure = async (workers: number, count: number, deviceSeconds: number) => {
      log(`${workers} workers, ${count} jobs of ${deviceSeconds} s`);
      const place = { redis: server.url, storage, queue: `w${workers}-${deviceSeconds}` };
      await using jobs = await openJobs(place);
      return await secondsFor(jobs, place, { workers, count, deviceSeconds });
    };
    const empty = await measure(1, 300, 0);
    const rows: Record<string, number>[] = [];
    for (const workers of [1, 2, 4, 8]) {
      const count = jobsPerWorker * workers;
      const taken = await measure(workers, count, seconds);
      const perMinute = (60 * count) / taken;
      rows.push({
        workers,
        jobs: count,
        seconds: taken,
        perMinute,
        speedup: perMinute / (rows[0]?.perMinute ?? perMinute),
      });
    }
    return { workers: rows, queue: [{ jobsPerSecond: 300 / empty, msPerJob: (1000 * empty) / 300 }] };
  } finally {
    await server.stop();
    rmSync(storage, { recursive: true, force: true });
  }
}

/** Seconds from the moment that workers start to the end of the last job, all of which wait by then. */
async function secondsFor(
  jobs: Jobs,
  place: { redis: string; storage: string; queue: string },
  { workers, count, deviceSeconds }: { workers: number; count: number; deviceSeconds: number },
): Promise<number> {
  const driver = join(place.storage, 'clip.webp');
  writeFileSync(driver, '');
  for (let i = 0; i < count; i++) await jobs.submit({ driver });
  let done = 0;
  let finish = () => {};
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const started = performance.now();
  const running = await Promise.all(
    Array.from({ length: workers }, () =>
      startWorker({
        ...place,
        run: async () => {
          if (deviceSeconds > 0) await new Promise((resolve) => setTimeout(resolve, deviceSeconds * 1000));
        },
        onEvent: ({ event }) => {
          if (event === 'done' && ++done === count) finish();
        },
      }),
    ),
  );
  await finished;
  const taken = (performance.now() - started) / 1000;
  await Promise.all(running.map((worker) => worker[Symbol.asyncDispose]()));
  return taken;
}
