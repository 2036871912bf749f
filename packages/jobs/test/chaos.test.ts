import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer, text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type JobFiles, type Jobs, openJobs, runProcess, startWorker, type WorkerEvent } from '../src';
import { Bucket } from '../src/storage/bucket';
import { buildPackages } from './support/built';
import { hasRedis, type RedisServer, startRedis } from './support/redis';
import { startS3 } from './support/s3-server';

const folder = mkdtempSync(join(tmpdir(), 'faceanim-chaos-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const driver = fileURLToPath(new URL('../../cli/assets/demo-driver.webp', import.meta.url));

/** Without a look, a frame takes a fraction of a second. */
const flags = { limit: 3, 'steps-first': 2, 'steps-next': 2, 'fan-modules': 1, subframes: 1, space: 'w' };
const wasm = { backend: 'wasm', threads: 1 };
const starts = [0, 8, 16];

describe.skipIf(!hasRedis)('with a real Redis', { tags: ['long'] }, () => {
  let redis: RedisServer;
  let faceanim: string[];
  beforeAll(async () => {
    redis = await startRedis();
    ({ faceanim } = buildPackages(folder));
    copyFileSync(new URL('./support/worker.mjs', import.meta.url), join(folder, 'worker.mjs'));
  });

  /** Opens a queue with a storage of its own. */
  async function open(name: string, storage = join(folder, name)) {
    mkdirSync(storage, { recursive: true });
    const options = { redis: redis.url, storage, queue: name };
    return { options, jobs: await openJobs(options) };
  }

  /** How often each job of a queue had an event, by all that Redis has logged. */
  async function logged(queue: string, event: string): Promise<Record<string, number>> {
    const client = new Redis(redis.url);
    const entries = await client.xrange(`bull:${queue}:events`, '-', '+');
    client.disconnect();
    const counts: Record<string, number> = {};
    for (const [, fields] of entries) {
      const entry = Object.fromEntries(fields.flatMap((key, i) => (i % 2 ? [] : [[key, fields[i + 1]!]])));
      if (entry.event === event) counts[entry.jobId!] = (counts[entry.jobId!] ?? 0) + 1;
    }
    return counts;
  }

  describe('and the program', () => {
    /** Results of a single worker, by start. */
    const alone: Record<number, Map<string, Buffer>> = {};

    const submit = (jobs: Jobs, start: number, options = {}) =>
      jobs.submit(
        { driver, out: 'a.webp', flags: { ...flags, ...wasm, start } },
        { id: `start-${start}`, ...options },
      );

    /** The bytes of what a job has made: latents, frames and animation. */
    function made({ folder, animation, latents }: JobFiles): Map<string, Buffer> {
      const frames = join(folder, 'run/frames');
      const files = [latents, animation, ...readdirSync(frames).map((name) => join(frames, name))];
      return new Map(files.map((file) => [file.slice(file.lastIndexOf('/') + 1), readFileSync(file)]));
    }

    beforeAll(async () => {
      const { jobs, options } = await open('alone');
      const place = ['--redis', options.redis, '--storage', options.storage, '--queue', options.queue];
      const [node, ...program] = faceanim;
      const worker = spawn(node!, [...program, 'worker', ...place], { stdio: ['ignore', 'ignore', 'pipe'] });
      const log = text(worker.stderr);
      const exit = once(worker, 'exit');
      for (const start of starts) await submit(jobs, start);
      for (const start of starts) alone[start] = made(await jobs.result(`start-${start}`));
      await jobs[Symbol.asyncDispose]();
      worker.kill('SIGTERM');
      expect(await exit).toEqual([0, null]);
      expect(await log).toMatch(/waits for jobs.*\n.*start-0: begun\n.*start-0: done in [\s\S]* ends\.\n$/);
      expect(alone[0]!.size).toBe(5);
      expect(alone[0]!.get('latents.safetensors')).not.toEqual(alone[8]!.get('latents.safetensors'));
    }, 3_600_000);

    it('three workers, one of them killed: every job ends once, with the bytes of a single worker', async () => {
      const { jobs, options } = await open('three');
      const workers = new Map<string, ChildProcess>();
      for (const name of ['a', 'b', 'c']) {
        const settings = JSON.stringify({ ...options, name, stalledAfter: 5 });
        workers.set(
          name,
          spawn(process.execPath, [join(folder, 'worker.mjs'), settings, ...faceanim], { stdio: 'inherit' }),
        );
      }
      try {
        for (const start of starts) await submit(jobs, start);
        const first = join((await jobs.get('start-8')).folder, 'run/frames/000000.safetensors');
        await expect.poll(() => existsSync(first), { interval: 20 }).toBe(true);
        const { worker, state } = await jobs.get('start-8');
        expect(state).toBe('running');
        const killed = workers.get(worker!)!;
        const program = Number(execFileSync('pgrep', ['-P', `${killed.pid}`]));
        const { mtimeMs } = statSync(first);
        killed.kill('SIGKILL');

        for (const start of starts) {
          const files = await jobs.result(`start-${start}`);
          expect(made(files)).toEqual(alone[start]);
        }
        // The frames that were finished were not computed again, and the process of the killed worker is gone.
        expect(statSync(first).mtimeMs).toBe(mtimeMs);
        expect(() => process.kill(program, 0)).toThrow('ESRCH');
        expect((await jobs.get('start-8')).worker).not.toBe(worker);
        expect(await logged('three', 'stalled')).toMatchObject({ 'start-8': 1 });
        expect(await logged('three', 'completed')).toEqual({ 'start-0': 1, 'start-8': 1, 'start-16': 1 });
        expect(await logged('three', 'failed')).toEqual({});
      } finally {
        for (const child of workers.values()) child.kill('SIGKILL');
        await jobs[Symbol.asyncDispose]();
      }
    });

    it.skipIf(process.getuid?.() !== 0 || spawnSync('mount', ['--version']).status !== 0)(
      'storage full: the job fails and says so, and goes on when there is room',
      async ({ onTestFinished }) => {
        const storage = join(folder, 'small');
        mkdirSync(storage);
        execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', storage]);
        onTestFinished(() => void execFileSync('umount', ['-l', storage]));
        const { jobs, options } = await open('full', storage);
        await submit(jobs, 0, { attempts: 1 });
        const filler = join(storage, 'filler');
        expect(() => writeFileSync(filler, Buffer.alloc(8 * 2 ** 20))).toThrow('ENOSPC');
        await using _ = await startWorker({ ...options, run: runProcess({ command: faceanim }) });
        await expect(jobs.result('start-0')).rejects.toMatchObject({
          code: 'io',
          message: expect.stringContaining('No space left'),
        });
        expect(await jobs.list({ states: ['failed'] })).toHaveLength(1);
        rmSync(filler);
        await jobs.retry('start-0');
        expect(made(await jobs.result('start-0'))).toEqual(alone[0]);
        await jobs[Symbol.asyncDispose]();
      },
    );
  });

  it('a worker with a bucket is killed: another one goes on after the last frame in it', async () => {
    const s3 = await startS3();
    const storage = `s3://${s3.bucket}/chaos`;
    const options = { redis: redis.url, storage, s3Endpoint: s3.endpoint, queue: 's3' };
    const work = (name: string) => {
      const settings = JSON.stringify({ ...options, name, stalledAfter: 5 });
      const words = [join(folder, 'worker.mjs'), settings, ...faceanim];
      // What a killed worker leaves in its temporary folder goes with that of the test.
      return spawn(process.execPath, words, { stdio: 'inherit', env: { ...process.env, TMPDIR: folder } });
    };
    const jobs = await openJobs(options);
    const bucket = await Bucket.open(storage, s3.endpoint);
    const bytes = async (file: string) => buffer((await jobs.open(file)).stream());
    const submit = (id: string) =>
      jobs.submit({ driver, out: 'a.webp', flags: { ...flags, ...wasm, 'steps-next': 12 } }, { id });
    const workers = [work('a')];
    try {
      await submit('whole');
      const whole = await jobs.result('whole');
      await submit('broken');
      /** Which try a frame is of, by its number. */
      const frames = async () =>
        (await bucket.list('jobs/broken/')).flatMap(({ key }) => {
          const [, of, frame] = key.match(/tries\/0*(\d+)-\w+\/run\/frames\/0*(\d)\.safetensors$/) ?? [];
          return of ? [`${frame} of try ${of}`] : [];
        });
      await expect.poll(frames, { interval: 50 }).toEqual(['0 of try 1']);
      workers[0]!.kill('SIGKILL');
      workers.push(work('b'));
      const broken = await jobs.result('broken');
      expect(await frames()).toEqual(['0 of try 1', '1 of try 2', '2 of try 2']);
      expect(await bytes(broken.animation)).toEqual(await bytes(whole.animation));
      expect(await bytes(broken.latents)).toEqual(await bytes(whole.latents));
      expect(await logged('s3', 'completed')).toEqual({ whole: 1, broken: 1 });
    } finally {
      for (const worker of workers) worker.kill('SIGKILL');
      bucket.close();
      await jobs[Symbol.asyncDispose]();
    }
  });

  it.each(['SIGTERM', 'SIGKILL'] as const)('Redis is restarted with %s in mid-job', async (signal) => {
    const queue = `restart-${signal}`;
    const { jobs, options } = await open(queue);
    let runs = 0;
    let release = () => {};
    await using _ = await startWorker({
      ...options,
      run: (_task, { onProgress }) => {
        runs++;
        onProgress({ stage: 'optimize' });
        return new Promise<void>((resolve) => (release = resolve));
      },
    });
    const id = await jobs.submit({ driver });
    await expect.poll(async () => (await jobs.get(id)).state).toBe('running');
    const result = jobs.result(id);
    await redis.restart(signal, 300);
    release();
    await result;
    expect(runs).toBe(1);
    expect(await logged(queue, 'completed')).toEqual({ [id]: 1 });
    // The queue takes jobs as before.
    const next = await jobs.submit({ driver });
    await expect.poll(() => runs).toBe(2);
    release();
    await jobs.result(next);
    await jobs[Symbol.asyncDispose]();
  });

  it('Redis is away for so long that the job is given up, and taken again', async () => {
    const { jobs, options } = await open('away');
    const events: WorkerEvent[] = [];
    let runs = 0;
    await using _ = await startWorker({
      ...{ ...options, stalledAfter: 1 },
      onEvent: (event) => events.push(event),
      run: (_task, { signal }) => {
        if (++runs > 1) return Promise.resolve();
        return new Promise((_resolve, reject) =>
          signal.addEventListener('abort', () => reject(new Error('stopped'))),
        );
      },
    });
    const id = await jobs.submit({ driver }, { attempts: 1 });
    await expect.poll(async () => (await jobs.get(id)).state).toBe('running');
    await redis.restart('SIGTERM', 2500);
    await jobs.result(id);
    expect(runs).toBe(2);
    expect(events).toContainEqual({ event: 'given-back', id, reason: 'taken-over' });
    expect(await logged('away', 'completed')).toEqual({ [id]: 1 });
    await jobs[Symbol.asyncDispose]();
  });

  it('1,000 jobs, three workers: every job runs once', async () => {
    const { jobs, options } = await open('thousand');
    const clip = join(options.storage, 'clip.webp');
    writeFileSync(clip, '');
    const ids: string[] = [];
    while (ids.length < 1000)
      ids.push(...(await Promise.all(Array.from({ length: 50 }, () => jobs.submit({ driver: clip })))));
    expect(await jobs.count()).toMatchObject({ waiting: 1000 });
    const runs: string[] = [];
    const run = async ({ id }: { id: string }) => void runs.push(id);
    const workers = await Promise.all([1, 2, 3].map(() => startWorker({ ...options, run, concurrency: 4 })));
    await expect.poll(async () => (await jobs.count()).done, { interval: 200 }).toBe(1000);
    expect(runs.sort()).toEqual(ids.sort());
    expect(await jobs.list({ limit: 3 })).toHaveLength(3);
    await Promise.all(workers.map((worker) => worker[Symbol.asyncDispose]()));
    await jobs[Symbol.asyncDispose]();
  });
});
