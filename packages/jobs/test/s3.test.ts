import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Jobs, type JobTask, openJobs, type RunJob, startWorker, type WorkerEvent } from '../src';
import { Bucket } from '../src/storage/bucket';
import { S3Storage } from '../src/storage/s3';
import { hasRedis, startRedis } from './support/redis';
import { type S3Server, startS3 } from './support/s3-server';

const folder = mkdtempSync(join(tmpdir(), 'faceanim-s3-jobs-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const driver = join(folder, 'clip.webp');
writeFileSync(driver, 'a clip');

const frame = (n: number) => `run/frames/${String(n).padStart(6, '0')}.safetensors`;

function write({ folder }: JobTask, path: string, content: string): void {
  const file = join(folder, path);
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, content);
}

/** Passes connections on to a port of this machine, until it is cut. */
async function startProxy(port: number) {
  const open = new Set<Socket>();
  let isCut = false;
  const server = createServer((socket) => {
    if (isCut) return socket.destroy();
    const other = connect(port, '127.0.0.1');
    for (const each of [socket, other]) open.add(each.on('error', () => {}));
    socket.pipe(other).pipe(socket);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = () => {
    isCut = true;
    for (const socket of open) socket.destroy();
  };
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut,
    mend: () => (isCut = false),
    close: () => {
      cut();
      server.close();
    },
  };
}

describe.skipIf(!hasRedis)('jobs on S3', { tags: ['long'] }, () => {
  let redis: string;
  let s3: S3Server;
  let place: { redis: string; storage: string; s3Endpoint: string; queue: string };
  let jobs: Jobs;
  let bucket: Bucket;
  let queues = 0;
  const events: WorkerEvent[] = [];

  beforeAll(async () => {
    [{ url: redis }, s3] = await Promise.all([startRedis(), startS3()]);
  });

  beforeEach(async () => {
    events.length = 0;
    const queue = `s3-${queues++}`;
    place = { redis, storage: `s3://${s3.bucket}/${queue}`, s3Endpoint: s3.endpoint, queue };
    jobs = await openJobs(place);
    bucket = await Bucket.open(place.storage, s3.endpoint);
    return async () => {
      bucket.close();
      await jobs[Symbol.asyncDispose]();
    };
  });

  const work = (run: RunJob, options = {}) =>
    startWorker({ ...place, run, onEvent: (event) => events.push(event), ...options });
  const keys = async (start: string) => (await bucket.list(start)).map(({ key }) => key);

  it('run in a folder of the worker with all inputs, and leave their results in the bucket', async () => {
    await bucket.write('networks/ffhq.safetensors', 'weights');
    const frames = join(folder, 'frames');
    mkdirSync(frames, { recursive: true });
    for (const name of ['0.png', '1.png']) writeFileSync(join(frames, name), name);
    const id = await jobs.submit({
      ...{ driver: frames, look: new File(['a face'], 'me.PNG'), report: true },
      generator: `${place.storage}/networks/ffhq.safetensors`,
    });
    let used = '';
    await using _ = await work(async (task) => {
      used = task.folder;
      const read = (path: string) => readFileSync(join(task.folder, path), 'utf8');
      const inputs = task.args.map((word) => word.match(/^--(driver|look|generator)=(.*)/)?.[2]);
      const [clip, look, generator] = inputs.filter((path) => path !== undefined);
      expect(readdirSync(join(task.folder, clip!))).toEqual(['0.png', '1.png']);
      expect([read(look!), read(generator!)]).toEqual(['a face', 'weights']);
      write(task, 'run/run.json', '{}');
      write(task, frame(0), 'frame 0');
      write(task, 'animation.mp4', 'the animation');
    });
    const files = await jobs.result(id);
    expect(files.animation).toMatch(
      /^s3:\/\/faceanim\/s3-\d\/jobs\/job-\w+\/tries\/000001-\w+\/animation\.mp4$/,
    );
    expect(files.report).toBe(`${files.folder}/report.html`);
    const animation = await jobs.open(files.animation);
    expect(animation.size).toBe(13);
    expect(await text(animation.stream())).toBe('the animation');
    expect(await text(animation.stream(4, 8))).toBe('anim');
    await expect(jobs.open(files.numbers)).rejects.toMatchObject({ code: 'io', message: /does not exist/ });
    expect(existsSync(used)).toBe(false);

    await jobs.remove(id);
    expect(await keys('')).toEqual(['networks/ffhq.safetensors']);
  });

  it('take folders that a console has made, one file as two inputs, and any name for the animation', async () => {
    for (const key of ['clip/', 'clip/0.png', 'clip/../../out.png', 'pack.safetensors'])
      await bucket.write(key, key.endsWith('/') ? '' : key);
    const pack = `${place.storage}/pack.safetensors`;
    const driver = `${place.storage}/clip`;
    const id = await jobs.submit({
      driver,
      look: `${driver}/0.png`,
      generator: pack,
      fan: pack,
      out: 'inputs.mp4',
    });
    await using _ = await work(async (task) => {
      expect(readdirSync(join(task.folder, '../../clip'))).toEqual(['0.png']);
      expect(readFileSync(join(task.folder, '../../pack.safetensors'), 'utf8')).toBe('pack.safetensors');
      write(task, 'inputs.mp4', 'the animation');
    });
    const { animation } = await jobs.result(id);
    expect(await text((await jobs.open(animation)).stream())).toBe('the animation');
  });

  it('go on after the frames that an earlier try has uploaded, and never write over them', async () => {
    const id = await jobs.submit({ driver }, { attempts: 1 });
    let tries = 0;
    const run: RunJob = async (task, { signal }) => {
      const names = existsSync(join(task.folder, 'run')) ? readdirSync(join(task.folder, 'run/frames')) : [];
      write(task, 'run/run.json', `${++tries}`);
      write(task, frame(names.length), `frame ${names.length}`);
      if (tries === 3) return write(task, 'animation.mp4', names.join());
      await new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('stopped'))));
    };
    for (const n of [0, 1]) {
      const worker = await work(run);
      const uploaded = async () => (await keys('jobs/')).some((key) => key.endsWith(frame(n)));
      await expect.poll(uploaded).toBe(true);
      await worker[Symbol.asyncDispose]();
    }
    await using _ = await work(run);
    const { animation } = await jobs.result(id);
    expect(await text((await jobs.open(animation)).stream())).toBe('000000.safetensors,000001.safetensors');
    const frames = (await keys(`jobs/${id}/tries`)).filter((key) => key.includes('/frames/'));
    expect(
      frames.map((key) =>
        key
          .match(/tries\/0*(\d)-\w+\/run\/frames\/0*(\d)\./)!
          .slice(1)
          .join(),
      ),
    ).toEqual(['1,0', '2,1', '3,2']);
  });

  it('are split into parts, which see only their own, and joined', async () => {
    const seen: Record<string, string[]> = {};
    const id = await jobs.submit({ driver, flags: { split: 10 } });
    const run: RunJob = async (task) => {
      const what = task.args.find((word) => word.startsWith('--part='))?.slice('--part='.length) ?? 'join';
      const at = join(task.folder, 'run/parts');
      seen[what] = existsSync(at) ? (readdirSync(at, { recursive: true }) as string[]).sort() : [];
      if (what === 'prepare') {
        write(task, 'run/run.json', '{}');
        for (const part of ['001', '002']) write(task, `run/parts/${part}.safetensors`, part);
        write(task, 'run/parts/plan.json', '[{}, {}]');
      } else if (what === 'join') write(task, 'animation.mp4', 'joined');
      else write(task, `run/parts/00${what}/frames/000000.safetensors`, what);
    };
    await using _a = await work(run);
    await using _b = await work(run);
    const { animation } = await jobs.result(id);
    expect(await text((await jobs.open(animation)).stream())).toBe('joined');
    expect(seen).toEqual({
      prepare: [],
      1: ['001.safetensors', 'plan.json'],
      2: ['002.safetensors', 'plan.json'],
      join: [
        ...['001', '001.safetensors', '001/frames', '001/frames/000000.safetensors'],
        ...['002', '002.safetensors', '002/frames', '002/frames/000000.safetensors', 'plan.json'],
      ],
    });
  });

  it('tell of uploads that fail, and go on when the service is back', async () => {
    const proxy = await startProxy(Number(new URL(s3.endpoint).port));
    const id = await jobs.submit({ driver }, { attempts: 1 });
    const run: RunJob = async (task) => {
      proxy.cut();
      write(task, 'run/run.json', '{}');
      write(task, frame(0), 'frame 0');
      await expect
        .poll(() => events)
        .toContainEqual({
          ...{ event: 'warning', id, message: expect.stringContaining('cannot be reached') },
        });
      proxy.mend();
      write(task, 'animation.mp4', 'the animation');
    };
    await using _ = await work(run, { s3Endpoint: proxy.endpoint });
    expect(await text((await jobs.open((await jobs.result(id)).animation)).stream())).toBe('the animation');
    expect((await keys('jobs/')).some((key) => key.endsWith(frame(0)))).toBe(true);
    proxy.close();
  });

  it('upload what is finished when the storage is closed before the try has ended', async () => {
    const storage = await S3Storage.open(place.storage, s3.endpoint);
    const job = { folder: 'jobs/a', inputs: {}, out: 'a.mp4', report: false, flags: {}, submission: 'b' };
    const { path } = await storage.begin(job, 1, () => {});
    write({ folder: path } as JobTask, frame(0), 'frame 0');
    await storage[Symbol.asyncDispose]();
    expect(await keys('jobs/a/')).toEqual([expect.stringContaining(frame(0))]);
    expect(existsSync(path)).toBe(false);
  });

  it('write nothing when the signal has fired before', async () => {
    const bucket = await Bucket.open(place.storage, s3.endpoint);
    const upload = bucket.write('aborted', { file: driver }, AbortSignal.abort());
    await expect(upload).rejects.toMatchObject({ code: 'aborted' });
    expect(await keys('aborted')).toEqual([]);
    bucket.close();
  });

  it('list more objects than one answer holds', async () => {
    const clip = join(folder, 'long');
    mkdirSync(clip);
    for (let i = 0; i < 1001; i++) writeFileSync(join(clip, `${i}.png`), '');
    const id = await jobs.submit({ driver: clip });
    expect(await keys('jobs/')).toHaveLength(1001);
    await jobs.remove(id);
    expect(await keys('jobs/')).toHaveLength(0);
  });

  it('under one id at the same moment: one wins, and its inputs are the only ones', async () => {
    const submit = (content: string) => jobs.submit({ driver: new File([content], 'a.mp4') }, { id: 'mine' });
    const ended = await Promise.allSettled(['one', 'two', 'three'].map(submit));
    const lost = ended.filter((each) => each.status === 'rejected');
    expect(lost.map(({ reason }) => reason.code)).toEqual(['in-use', 'in-use']);
    const [key, ...others] = await keys('jobs/mine/');
    expect(others).toEqual([]);
    const winner = ['one', 'two', 'three'][ended.findIndex(({ status }) => status === 'fulfilled')];
    expect(await bucket.readText(key!)).toBe(winner);
  });

  it.each([
    [
      'a bucket that does not exist',
      () => ({ storage: 's3://nowhere/x' }),
      /bucket nowhere does not exist at http/,
    ],
    [
      'an address that is none',
      () => ({ storage: 's3://a' }),
      /storage must be a folder, or an address like/,
    ],
    [
      'a service that is not there',
      () => ({ s3Endpoint: 'http://127.0.0.1:1' }),
      /cannot be reached at http:.*:1: /,
    ],
  ])('say what is wrong with %s', async (_, options, message) => {
    await expect(openJobs({ ...place, ...options() })).rejects.toThrow(message);
  });

  it('refuse inputs of another bucket, and those that are not there', async () => {
    const other = jobs.submit({ driver: 's3://other/clip.mp4' });
    await expect(other).rejects.toMatchObject({
      code: 'invalid-option',
      message: /^driver: s3:.* is not on the storage: it is s3:/,
    });
    await expect(jobs.submit({ driver: `${place.storage}/nothing.mp4` })).rejects.toMatchObject({
      code: 'io',
    });
    expect(await keys('')).toEqual([]);
  });
});
