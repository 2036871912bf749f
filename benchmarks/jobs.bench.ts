import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type Jobs, openJobs, startWorker } from '@faceanim/jobs';
import { hasRedis, startRedisServer } from '../packages/jobs/test/support/redis-server';
import type { BenchmarkContext } from './run';

export const description =
  'jobs on 1, 2, 4 and 8 workers with a real Redis and simulated device time, and the start of a real one [--seconds N] [--jobs N a worker]';

const file = (path: string) => fileURLToPath(new URL(`../packages/cli/${path}`, import.meta.url));

/**
 * Device time is simulated: a run sleeps, as a CPU does that waits for a GPU. All workers are in this process, and Redis beside
 * it flushes every command to the disk. `queue` is what the queue costs: jobs that do nothing, one at a time. `job` is what a
 * real one costs beside its steps: CPU time until its first frame begins, on WASM, and the file of a
 * finished frame. The first one is larger.
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
    log('a real job');
    return {
      job: [await realJob(storage)],
      workers: rows,
      queue: [{ jobsPerSecond: 300 / empty, msPerJob: (1000 * empty) / 300 }],
    };
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

/** Runs the program on the demo with the bundled networks, as `runProcess` does. */
async function realJob(folder: string): Promise<Record<string, number>> {
  const inputs = [`--look=${file('assets/demo-look.png')}`, `--driver=${file('assets/demo-driver.webp')}`];
  const work = ['--limit=2', '--steps-look=2', '--steps-first=2', '--steps-next=1'];
  const device = ['--backend=wasm', '--threads=1'];
  const outputs = ['--run=run', '--out=a.webp', '--progress=json'];
  const child = spawn(
    process.execPath,
    [file('dist/bin.js'), 'animate', ...inputs, ...work, ...device, ...outputs],
    { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const ended = once(child, 'exit');
  let cpuSeconds = Number.NaN;
  for await (const line of createInterface({ input: child.stderr }))
    if (Number.isNaN(cpuSeconds) && /"stage":"(look|optimize)"/.test(line))
      cpuSeconds = cpuSecondsOf(child.pid!);
  const [code] = await ended;
  if (code !== 0) throw new Error(`The job ended with code ${code}.`);
  return { cpuSeconds, frameMegabytes: statSync(join(folder, 'run/frames/000001.safetensors')).size / 1e6 };
}

/** CPU time of a process so far, where the system tells (Linux), in hundredths of a second. */
function cpuSecondsOf(pid: number): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
    return (Number(fields[11]) + Number(fields[12])) / 100;
  } catch {
    return Number.NaN;
  }
}
