import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Jobs, openJobs, runProcess, startWorker } from '@faceanim/jobs';
import { serve } from '@hono/node-server';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { parse } from 'yaml';
import { run } from '../../../packages/cli/src/program';
import { buildPackages } from '../../../packages/jobs/test/support/built';
import { hasRedis, startRedis } from '../../../packages/jobs/test/support/redis';
import { createApp } from '../src/app';

const assets = fileURLToPath(new URL('../../../packages/cli/assets/', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'faceanim-server-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const storage = mkdtempSync(join(folder, 'storage-'));
const key = 'a key of the test';
const flags = {
  ...{ limit: 3, 'steps-look': 2, 'steps-first': 2, 'steps-next': 2, 'fan-modules': 1, subframes: 1 },
  ...{ backend: 'wasm', threads: 1 },
};

const asset = (name: string, type: string) => new File([readFileSync(join(assets, name))], name, { type });
const driver = () => asset('demo-driver.webp', 'image/webp');
const look = () => asset('demo-look.png', 'image/png');

function formOf(parts: Record<string, File | string>): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(parts)) form.append(name, value);
  return form;
}

describe('the files for Docker', () => {
  const here = fileURLToPath(new URL('..', import.meta.url));
  const root = join(here, '../..');
  const read = (name: string) => readFileSync(join(here, name), 'utf8');
  const { services, volumes } = parse(read('compose.yml'), { merge: true });

  it('compose.yml follows the schema of Compose', { tags: ['long'] }, async () => {
    const { DCLinter } = await import('dclint');
    const linter = new DCLinter({ rules: {}, quiet: true, debug: false, exclude: [] });
    const invalid = (file: string) =>
      linter
        .lintFiles([file], false)
        .flatMap(({ messages }) => messages.filter(({ rule }) => /^invalid/.test(rule)));
    expect(invalid(join(here, 'compose.yml'))).toEqual([]);
    const wrong = join(folder, 'compose.yml');
    writeFileSync(wrong, read('compose.yml').replace('ports:', 'prots:'));
    expect(invalid(wrong)).toHaveLength(1);
  });

  it('compose.yml has Redis, server and worker, every volume that they mount, and the image that is built', () => {
    expect(Object.keys(services).sort()).toEqual(['redis', 'server', 'storage', 'worker']);
    for (const { volumes: mounts } of Object.values<{ volumes: string[] }>(services))
      for (const mount of mounts) expect(Object.keys(volumes)).toContain(mount.split(':')[0]);
    for (const name of ['storage', 'server', 'worker']) expect(services[name].image).toBe('faceanim');
    expect(services.worker.environment).toMatchObject({ FACEANIM_STORAGE: '/storage' });
    const { context, dockerfile } = services.server.build;
    expect(join(here, context)).toBe(root);
    expect(existsSync(join(root, dockerfile))).toBe(true);
  });

  it('the commands of the containers exist, and take their flags', async () => {
    const [program, ...words] = services.worker.command.split(' ');
    expect(JSON.parse(readFileSync(join(root, 'packages/cli/package.json'), 'utf8')).bin).toHaveProperty(
      program,
    );
    // Without Redis and a storage, a worker ends after it has read its flags.
    vi.stubEnv('FACEANIM_REDIS', undefined);
    const said = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    expect(await run(words, new AbortController().signal)).toBe(2);
    expect(said.mock.calls.join()).toContain('--redis is missing');
    vi.restoreAllMocks();
    vi.unstubAllEnvs();
    const [tsx, ...args] = JSON.parse(read('Dockerfile').match(/^CMD (.*)$/m)![1]!) as string[];
    for (const path of [tsx!, ...args.filter((word) => !word.startsWith('-'))])
      expect(existsSync(join(root, path))).toBe(true);
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    for (const [, script] of read('Dockerfile').matchAll(/npm run (\S+)/g))
      expect(scripts).toHaveProperty([script!]);
  });
});

describe.skipIf(!hasRedis)('the server', { tags: ['long'] }, () => {
  let redis: string;
  let jobs: Jobs;
  let server: ReturnType<typeof serve>;
  let address: string;
  let faceanim: string[];

  beforeAll(async () => {
    ({ url: redis } = await startRedis());
    ({ faceanim } = buildPackages(folder));
    await start();
    return stop;
  });

  async function start(): Promise<void> {
    jobs = await openJobs({ redis, storage });
    const { fetch } = createApp({ jobs, apiKeys: ['another', key], maxBytes: 3e6 });
    const { port } = await new Promise<AddressInfo>((resolve) => {
      server = serve({ fetch, port: 0, hostname: '127.0.0.1' }, resolve);
    });
    address = `http://127.0.0.1:${port}`;
  }

  async function stop(): Promise<void> {
    if ('closeAllConnections' in server) server.closeAllConnections();
    server.close();
    await jobs[Symbol.asyncDispose]();
  }

  const request = (path: string, init: RequestInit = {}) =>
    fetch(address + path, { ...init, headers: { authorization: `Bearer ${key}`, ...init.headers } });
  const post = (parts: Record<string, File | string>) =>
    request('/jobs', { method: 'POST', body: formOf(parts) });
  const submit = async (more = {}) => {
    const response = await post({
      driver: driver(),
      look: look(),
      flags: JSON.stringify({ ...flags, ...more }),
    });
    expect(response.status).toBe(201);
    return ((await response.json()) as { id: string }).id;
  };
  const work = () => startWorker({ redis, storage, run: runProcess({ command: faceanim }) });

  /** The events of a job, until there are no more or `enough` says so. */
  async function eventsOf(id: string, enough = (_: string) => false) {
    const response = await request(`/jobs/${id}/events`);
    const events: { event: string; data: Record<string, unknown> }[] = [];
    const text = response.body!.pipeThrough(new TextDecoderStream());
    let rest = '';
    for await (const chunk of text) {
      const blocks = (rest + chunk).split('\n\n');
      rest = blocks.pop()!;
      for (const block of blocks) {
        const fields = Object.fromEntries(block.split('\n').map((line) => line.split(/: (.*)/s)));
        events.push({ event: fields.event!, data: JSON.parse(fields.data!) });
      }
      if (events.some(({ event }) => enough(event))) break;
    }
    return events;
  }

  it('takes an upload, tells the progress, and sends a video that plays, also in parts', async () => {
    await using _ = await work();
    const id = await submit();
    const events = await eventsOf(id);
    expect(events.filter(({ event }) => event === 'progress').length).toBeGreaterThan(1);
    expect(events.at(-1)).toEqual({ event: 'done', data: { animation: `/jobs/${id}/animation` } });
    const whole = await request(`/jobs/${id}/animation`);
    expect([whole.status, whole.headers.get('content-type')]).toEqual([200, 'video/mp4']);
    const bytes = Buffer.from(await whole.arrayBuffer());
    const file = join(folder, 'animation.mp4');
    writeFileSync(file, bytes);
    const probed = execFileSync('ffprobe', [
      '-v',
      'error',
      '-count_frames',
      '-show_streams',
      '-of',
      'json',
      file,
    ]);
    expect(JSON.parse(`${probed}`).streams[0]).toMatchObject({ codec_type: 'video', nb_read_frames: '3' });
    for (const [range, start, end] of [
      ['bytes=0-99', 0, 100],
      ['bytes=100-', 100, bytes.length],
      ['bytes=-50', bytes.length - 50, bytes.length],
    ] as const) {
      const part = await request(`/jobs/${id}/animation`, { headers: { range } });
      expect(part.status).toBe(206);
      expect(part.headers.get('content-range')).toBe(`bytes ${start}-${end - 1}/${bytes.length}`);
      expect(Buffer.from(await part.arrayBuffer()).equals(bytes.subarray(start, end))).toBe(true);
    }
    const beyond = await request(`/jobs/${id}/animation`, { headers: { range: `bytes=${bytes.length}-` } });
    expect(beyond.status).toBe(416);
  });

  it('refuses a missing or wrong key, an unknown job, and an animation that is not done', async () => {
    for (const authorization of ['', 'Bearer wrong', `Bearer ${key} `.repeat(2)]) {
      const response = await request('/jobs/job-1', { headers: { authorization } });
      expect([authorization, response.status]).toEqual([authorization, 401]);
    }
    expect((await request('/jobs/job-1')).status).toBe(404);
    const id = await submit();
    expect((await request(`/jobs/${id}/animation`)).status).toBe(409);
    expect((await request(`/jobs/${id}`, { method: 'DELETE' })).status).toBe(202);
  });

  it('refuses files that it cannot use, says why, and keeps nothing of them', async () => {
    const before = readdirSync(join(storage, 'jobs')).length;
    const text = await post({ driver: driver(), look: new File(['no picture'], 'me.png') });
    expect(text.status).toBe(422);
    const problem = await text.json();
    expect(problem).toMatchObject({ code: 'media', hint: expect.stringMatching(/PNG|picture/) });
    expect(problem.message).toMatch(/^look\.png /);
    const large = await post({ driver: driver(), look: new File([new Uint8Array(3_000_001)], 'me.png') });
    expect([large.status, await large.json()]).toEqual([413, expect.objectContaining({ code: 'too-large' })]);
    expect((await post({ driver: new File([new Uint8Array(7e6)], 'a.mp4') })).status).toBe(413);
    // 5,000 x 5,000 pixels in 76 kB.
    const huge = await sharp({ create: { width: 5000, height: 5000, channels: 3, background: 'red' } })
      .png()
      .toBuffer();
    const forms: Record<string, File>[] = [
      { driver: driver(), look: new File([huge], 'me.png') },
      { driver: new File([huge], 'a.png') },
    ];
    for (const form of forms) expect((await post(form)).status).toBe(413);
    expect((await post({ look: look() })).status).toBe(422);
    expect((await request('/jobs', { method: 'POST', body: '{}' })).status).toBe(422);
    expect((await post({ driver: driver(), flags: '{' })).status).toBe(422);
    expect((await post({ driver: driver(), flags: '{"out":"/etc/passwd"}' })).status).toBe(422);
    expect(readdirSync(join(storage, 'jobs'))).toHaveLength(before);
  });

  it('cancels a job that runs', async () => {
    await using _ = await work();
    const id = await submit({ 'steps-look': 500 });
    await eventsOf(id, (event) => event === 'progress');
    expect((await request(`/jobs/${id}`, { method: 'DELETE' })).status).toBe(202);
    expect((await eventsOf(id)).at(-1)!.event).toBe('cancelled');
  });

  it('may be restarted while a job runs', async () => {
    await using _ = await work();
    const id = await submit();
    await eventsOf(id, (event) => event === 'progress');
    await stop();
    await start();
    expect((await eventsOf(id)).at(-1)!.event).toBe('done');
  });

  it('describes itself as OpenAPI', async () => {
    const { openapi, paths } = (await (await fetch(`${address}/openapi.json`)).json()) as {
      openapi: string;
      paths: Record<string, Record<string, { requestBody?: { content: object } }>>;
    };
    expect(openapi).toBe('3.1.0');
    expect(Object.keys(paths).sort()).toEqual([
      '/jobs',
      '/jobs/{id}',
      '/jobs/{id}/animation',
      '/jobs/{id}/events',
    ]);
    expect(Object.keys(paths['/jobs']!.post!.requestBody!.content)).toEqual(['multipart/form-data']);
  });
});
