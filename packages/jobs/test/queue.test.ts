import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { FaceanimError } from '@faceanim/tensor/errors';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  type Jobs,
  type JobTask,
  type ListOptions,
  openJobs,
  type RunJob,
  startWorker,
  type WorkerEvent,
} from '../src';
import { hasRedis, type RedisServer, startRedis } from './support/redis';

const folder = mkdtempSync(join(tmpdir(), 'faceanim-jobs-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const driver = join(folder, 'clip.webp');
writeFileSync(driver, 'not a video');
const storage = mkdtempSync(join(folder, 'storage-'));

describe.skipIf(!hasRedis)('the queue', () => {
  let server: RedisServer;
  let redis: string;
  let jobs: Jobs;
  let queue: string;
  let queues = 0;
  const events: WorkerEvent[] = [];

  beforeAll(async () => {
    server = await startRedis();
    redis = server.url;
  });

  beforeEach(async () => {
    queue = `test-${queues++}`;
    events.length = 0;
    jobs = await openJobs({ redis, storage, queue });
    return () => jobs[Symbol.asyncDispose]();
  });

  /** The files that jobs have copied to the storage. */
  const copies = () =>
    readdirSync(storage, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => join(parentPath, name));

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
    expect(tasks[0]!.args.slice(-6)).toEqual([
      '--driver=inputs/driver.webp',
      '--look=inputs/look.png',
      '--out=animation.mp4',
      '--run=run',
      '--report=report.json',
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

  it('tries again what may pass, as often as was asked for', async () => {
    let tries = 0;
    await using _ = await work(async () => {
      tries++;
      throw new FaceanimError('device-lost', 'The GPU was reset.');
    });
    const id = await jobs.submit({ driver }, { attempts: 2, backoff: 0.01 });
    await expect(jobs.result(id)).rejects.toMatchObject({ code: 'device-lost' });
    expect(tries).toBe(2);
    expect(events.map(({ event }) => event)).toEqual(['begun', 'retry', 'begun', 'failed']);
    expect(await jobs.count()).toEqual({ waiting: 0, running: 0, delayed: 0, done: 0, failed: 1 });
  });

  it('takes the largest priority first, and each device has one job', async () => {
    const ids: string[] = [];
    for (const priority of [0, 100, 50]) ids.push(await jobs.submit({ driver }, { priority }));
    const order: [string, string | undefined][] = [];
    await using _ = await work(async ({ id, device }) => void order.push([id, device]), { devices: ['7'] });
    await Promise.all(ids.map((id) => jobs.result(id)));
    expect(order).toEqual([ids[1], ids[2], ids[0]].map((id) => [id, '7']));
  });

  it('a job that is submitted twice under one id runs once', async () => {
    let runs = 0;
    await using _ = await work(async () => void runs++);
    const id = await jobs.submit({ driver }, { id: 'mine' });
    await jobs.result(id);
    expect(await jobs.submit({ driver: '/nowhere' }, { id: 'mine' })).toBe(id);
    expect(runs).toBe(1);
  });

  it('of calls that submit one id at the same moment one wins; the others are told, and leave nothing', async () => {
    const submit = (content: string) => jobs.submit({ driver: new File([content], 'a.mp4') }, { id: 'same' });
    const ended = await Promise.allSettled(['one', 'two', 'three'].map(submit));
    const lost = ended.filter((each) => each.status === 'rejected');
    expect(lost.map(({ reason }) => reason.code)).toEqual(['in-use', 'in-use']);
    const winner = ['one', 'two', 'three'][ended.findIndex(({ status }) => status === 'fulfilled')];
    const at = join(storage, 'jobs/same');
    const files = readdirSync(at, { recursive: true }).filter((name) => /driver/.test(`${name}`));
    expect(files.map((name) => readFileSync(join(at, `${name}`), 'utf8'))).toEqual([winner]);
  });

  it('options that are undefined count as left out', async () => {
    const id = await jobs.submit(
      { driver, look: undefined, out: undefined, report: undefined, flags: undefined },
      { id: undefined, priority: undefined, attempts: undefined, backoff: undefined, signal: undefined },
    );
    const limits = { pixels: undefined, checkpoints: undefined };
    let args: readonly string[] = [];
    await using _ = await work(async (task) => void ({ args } = task), { limits, metrics: undefined });
    await jobs.result(id);
    expect(args).toContain('--max-pixels=16777216');
    expect(args).toContain('--out=animation.mp4');
  });

  it('a job does not write over the run of an earlier one, of which the queue knows nothing', async () => {
    const id = 'earlier';
    const inputs = join(storage, 'jobs', id, 'inputs');
    mkdirSync(join(storage, 'jobs', id, 'run'), { recursive: true });
    mkdirSync(inputs);
    writeFileSync(join(inputs, 'driver.webp'), 'another video');
    await expect(jobs.submit({ driver }, { id })).rejects.toMatchObject({ code: 'invalid-option' });
    expect(readFileSync(join(inputs, 'driver.webp'), 'utf8')).toBe('another video');
  });

  it('a job that cannot be submitted leaves no folder', async () => {
    const folders = () => readdirSync(join(storage, 'jobs'));
    const before = folders();
    await expect(jobs.submit({ driver, look: '/nowhere.png' })).rejects.toMatchObject({ code: 'io' });
    expect(folders()).toEqual(before);
  });

  it.each([undefined, 'away'])('copies of a job that Redis did not get are removed; id %s', async (id) => {
    await using hasty = await openJobs({ redis, storage, queue, timeout: 1 });
    const before = copies();
    let submitted: Promise<string> | undefined;
    const copying = new Promise<void>((begun) => {
      const upload = new Blob(['a video']);
      upload.stream = () =>
        new ReadableStream({
          async pull(controller) {
            begun();
            await away;
            controller.enqueue(new TextEncoder().encode('a video'));
            controller.close();
          },
        });
      submitted = hasty.submit({ driver: upload }, { id });
    });
    let goOn = () => {};
    const away = new Promise<void>((resolve) => (goOn = resolve));
    await copying;
    await server.whileAway(async () => {
      goOn();
      await expect(submitted).rejects.toMatchObject({
        code: 'io',
        hint: expect.stringMatching(/Nothing was/),
      });
    });
    expect(copies()).toEqual(before);
  });

  it('copies of a job that Redis refuses are removed', async () => {
    const before = copies();
    const admin = new Redis(redis);
    await admin.config('SET', 'maxmemory', 1);
    try {
      await expect(jobs.submit({ driver })).rejects.toThrow(/OOM/);
      await expect(jobs.submit({ driver }, { id: 'mine' })).rejects.toThrow(/OOM/);
    } finally {
      await admin.config('SET', 'maxmemory', 0);
      admin.disconnect();
    }
    expect(copies()).toEqual(before);
  });

  it('copies of a job that Redis may queue yet stay', async () => {
    const admin = new Redis(redis);
    await using hasty = await openJobs({ redis, storage, queue, timeout: 1 });
    await admin.client('PAUSE', 600_000, 'WRITE');
    try {
      const late = hasty.submit({ driver }, { id: 'late' });
      await expect(late).rejects.toMatchObject({
        code: 'io',
        hint: expect.stringMatching(/may have been done/),
      });
    } finally {
      await admin.client('UNPAUSE');
    }
    await expect.poll(() => jobs.get('late').catch(() => {})).toMatchObject({ state: 'waiting' });
    admin.disconnect();
    const read: string[] = [];
    await using _ = await work(async ({ folder, args }) => {
      const given = args.find((arg) => arg.startsWith('--driver='))!.slice('--driver='.length);
      read.push(readFileSync(join(folder, given), 'utf8'));
    });
    await jobs.result('late');
    expect(read).toEqual(['not a video']);
  });

  it.each(['meta', 'events', 'wait', 'job-1:lock', '..'])('%s is not a job', async (id) => {
    await jobs.submit({ driver });
    for (const call of ['get', 'cancel', 'retry', 'remove'] as const)
      await expect(jobs[call](id)).rejects.toMatchObject({ code: 'invalid-option' });
    await expect(jobs.submit({ driver }, { id })).rejects.toMatchObject({ code: 'invalid-option' });
  });

  it('lists the newest jobs of those in a state, whatever their priority', async () => {
    const ids: string[] = [];
    for (const priority of [3, 9, 1, 5]) {
      ids.push(await jobs.submit({ driver }, { priority }));
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    const list = async (options: ListOptions) => (await jobs.list(options)).map(({ id }) => id);
    expect(await list({ limit: 3 })).toEqual([ids[3], ids[2], ids[1]]);
    await jobs.cancel(ids[0]!);
    expect(await list({ limit: 1, states: ['cancelled'] })).toEqual([ids[0]]);
  });

  it('cancels what runs and what waits, and goes on after a retry', async () => {
    const tries: string[] = [];
    await using _ = await work(async ({ id }, { signal }) => {
      tries.push(id);
      if (tries.length > 1) return;
      await new Promise((_resolve, reject) =>
        signal.addEventListener('abort', () => reject(new Error('stopped'))),
      );
    });
    const running = await jobs.submit({ driver });
    await expect.poll(async () => (await jobs.get(running)).state).toBe('running');
    const waiting = await jobs.submit({ driver });
    await jobs.cancel(waiting);
    expect(await jobs.get(waiting)).toMatchObject({ state: 'cancelled' });
    await expect(jobs.retry(running)).rejects.toMatchObject({ code: 'in-use' });
    await expect(jobs.remove(running)).rejects.toMatchObject({ code: 'in-use' });
    await jobs.cancel(running);
    for (const id of [running, waiting])
      await expect(jobs.result(id)).rejects.toMatchObject({ code: 'aborted', name: 'AbortError' });
    expect(tries).toEqual([running]);
    await expect.poll(async () => (await jobs.list({ states: ['cancelled'] })).length).toBe(2);
    expect(await jobs.list({ states: ['failed'] })).toEqual([]);

    await jobs.retry(running);
    await jobs.result(running);
    expect(await jobs.get(running)).toMatchObject({ state: 'done', tries: 1 });
  });

  it('a retried job may outlive its workers as often as a new one', async () => {
    const id = await jobs.submit({ driver }, { attempts: 1 });
    const connection = new Redis(redis);
    // As if three workers had been killed under it.
    await connection.hset(`bull:${queue}:${id}`, 'stc', 3);
    let fails = true;
    await using _ = await work(async () => {
      if (fails) throw new FaceanimError('crashed', 'A bug.');
    });
    await expect(jobs.result(id)).rejects.toMatchObject({ code: 'crashed' });
    fails = false;
    await jobs.retry(id);
    await jobs.result(id);
    expect(await connection.hexists(`bull:${queue}:${id}`, 'stc')).toBe(0);
    connection.disconnect();
  });

  it('a worker that closes gives its job back without costing a try', async () => {
    const id = await jobs.submit({ driver }, { attempts: 1 });
    const first = await work(
      (_task, { signal }) =>
        new Promise((_resolve, reject) =>
          signal.addEventListener('abort', () => reject(new Error('stopped'))),
        ),
    );
    await expect.poll(async () => (await jobs.get(id)).state).toBe('running');
    await first[Symbol.asyncDispose]();
    expect(await jobs.get(id)).toMatchObject({ state: 'waiting', tries: 0 });
    await using _ = await work(async () => {});
    await jobs.result(id);
  });

  it('a folder that another run holds costs no try', async () => {
    const id = await jobs.submit({ driver }, { attempts: 1 });
    await using _ = await work(async () => {
      throw new FaceanimError('in-use', 'Another run is writing.');
    });
    await expect.poll(async () => (await jobs.get(id)).state).toBe('delayed');
    expect(await jobs.get(id)).toMatchObject({ tries: 0, error: undefined });
  });

  it('removes a job with its folder, and only one that does not run', async () => {
    const id = await jobs.submit({ driver });
    const { folder } = await jobs.get(id);
    expect(existsSync(folder)).toBe(true);
    await jobs.remove(id);
    expect(existsSync(folder)).toBe(false);
    await expect(jobs.get(id)).rejects.toMatchObject({ code: 'invalid-option' });
  });

  it('uses files on the storage in place', async () => {
    writeFileSync(join(storage, 'network.safetensors'), '');
    const id = await jobs.submit({ driver, generator: join(storage, 'network.safetensors') });
    let args: readonly string[] = [];
    await using _ = await work(async (task) => void ({ args } = task));
    await jobs.result(id);
    expect(args).toContain('--generator=../../network.safetensors');
    expect(args).toContain('--checkpoints=arrays');
  });

  it('reads the files of a job, also in parts', async () => {
    const id = await jobs.submit({ driver });
    await using _ = await work(async ({ folder }) =>
      writeFileSync(join(folder, 'animation.mp4'), 'the animation'),
    );
    const { animation } = await jobs.result(id);
    const { size, stream } = await jobs.open(animation);
    expect(size).toBe(13);
    expect(await text(stream())).toBe('the animation');
    expect(await text(stream(4, 8))).toBe('anim');
    expect(await text(stream(13))).toBe('');
    await expect(jobs.open(`${animation}4`)).rejects.toMatchObject({ code: 'io' });
    await expect(jobs.open(`${storage}/../other.mp4`)).rejects.toMatchObject({ code: 'invalid-option' });
    rmSync(animation);
    await expect(text(stream())).rejects.toMatchObject({ code: 'io', file: animation });
  });

  it('serves metrics and health', async () => {
    const run: RunJob = async (_, { onProgress }) => {
      const report = (position: number, more = {}) => onProgress({ stage: 'optimize', position, ...more });
      // Two frames of an earlier try, and two that are optimised, the first of which stops early.
      for (const finished of [0, 1]) report(finished);
      for (const step of [undefined, 4]) report(2, { steps: 10, step });
      for (const step of [undefined, 9]) report(3, { steps: 10, step });
    };
    await using worker = await work(run, { metrics: 0, name: 'one' });
    await jobs.result(await jobs.submit({ driver }));
    const get = async (path: string) => (await fetch(`http://127.0.0.1:${worker.metrics}${path}`)).text();
    expect(JSON.parse(await get('/health'))).toEqual({ status: 'ok' });
    const metrics = await get('/metrics');
    expect(metrics).toContain('faceanim_tries_total{result="done",worker="one"} 1');
    expect(metrics).toContain('faceanim_queue_jobs{state="done",worker="one"} 1');
    expect(metrics).toContain('faceanim_frames_total{worker="one"} 2');
    expect(metrics).toContain('process_resident_memory_bytes');
  });

  it('says so while Redis does not answer, does nothing of it later, and can be closed', {
    tags: ['long'],
  }, async () => {
    const id = await jobs.submit({ driver });
    const open = () => openJobs({ redis, storage, queue, timeout: 0.1 });
    const [one, two] = [await open(), await open()];
    const folders = () => readdirSync(join(storage, 'jobs')).length;
    const before = folders();
    await server.whileAway(async () => {
      for (const call of [() => one.submit({ driver }), () => one.list(), () => one.cancel(id)])
        await expect(call()).rejects.toMatchObject({
          ...{ code: 'io', message: 'Redis has not answered for 0.1 s.' },
        });
      await two[Symbol.asyncDispose]();
    });
    expect(folders()).toBe(before);
    await expect.poll(() => one.count().catch(() => {})).toMatchObject({ waiting: 1 });
    expect((await one.get(id)).state).toBe('waiting');
    await one[Symbol.asyncDispose]();
  });

  it('a worker says once that Redis is away, and can be closed meanwhile', { tags: ['long'] }, async () => {
    const id = await jobs.submit({ driver });
    let stopped = false;
    const worker = await work(
      (_, { signal }) =>
        new Promise((_resolve, reject) =>
          signal.addEventListener('abort', () => {
            stopped = true;
            reject(new Error('stopped'));
          }),
        ),
    );
    await expect.poll(async () => (await jobs.get(id)).state).toBe('running');
    await server.whileAway(async () => {
      const warnings = () => events.filter(({ event }) => event === 'warning');
      await expect.poll(warnings).toHaveLength(1);
      await new Promise((resolve) => setTimeout(resolve, 500));
      expect(warnings()).toEqual([{ event: 'warning', message: expect.stringMatching(/^Redis is away: /) }]);
      await worker[Symbol.asyncDispose]();
      expect(stopped).toBe(true);
    });
  });

  it('serves the metrics of a worker while Redis is away', { tags: ['long'] }, async () => {
    await using worker = await work(async () => {}, { metrics: 0 });
    const metrics = async () => (await fetch(`http://127.0.0.1:${worker.metrics}/metrics`)).text();
    expect(await metrics()).toContain('faceanim_queue_jobs{');
    await server.whileAway(async () => {
      await expect.poll(metrics).not.toContain('faceanim_queue_jobs{');
    });
    await expect.poll(metrics).toContain('faceanim_queue_jobs{');
  });
});
