import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FaceanimError } from '@faceanim/tensor';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { browserCache } from '../../src/cache/browser-cache';
import { cachedFetch } from '../../src/cache/cached-fetch';
import { folderCache } from '../../src/cache/folder-cache';
import { refusal } from '../checkpoints/support';
import { type FileServer, serveFile } from './file-server';

const body = new Uint8Array(200_000).map((_, i) => (i * i) >> 5);
const other = body.map((byte) => byte ^ 255);
const hashOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

it('says what to do if the storage of a browser is full', async () => {
  const full = new DOMException('Quota exceeded', 'QuotaExceededError');
  const cache = { match: async () => undefined, delete: async () => true, put: () => Promise.reject(full) };
  vi.stubGlobal('caches', { open: async () => cache });
  vi.stubGlobal('fetch', async () => new Response('weights'));
  try {
    const error = await refusal(cachedFetch('https://example.org/net.pkl', { cache: browserCache() }));
    expect(error).toMatchObject({ code: 'io', file: 'https://example.org/net.pkl', cause: full });
    expect(error.hint).toContain('without a cache');
  } finally {
    vi.unstubAllGlobals();
  }
});

describe('cachedFetch into a folder', () => {
  let server: FileServer;
  let folder: string;
  beforeEach(async () => {
    server = await serveFile(body);
    folder = mkdtempSync(join(tmpdir(), 'faceanim-cache-'));
    // The waits before it connects again take no time.
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    vi.setTimerTickMode('nextTimerAsync');
  });
  afterEach(async () => {
    vi.useRealTimers();
    await server[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });
  const load = (options: { sha256?: string; signal?: AbortSignal; onProgress?: (e: unknown) => void } = {}) =>
    cachedFetch(server.url, { cache: folderCache(folder), ...options }) as Promise<string>;
  const content = (path: string) => hashOf(readFileSync(path));
  /** Leaves half a file behind, as an interrupted download does. */
  const leaveHalf = async () => {
    Object.assign(server.behaviour, { slow: true });
    const controller = new AbortController();
    const onProgress = (event: unknown) => {
      if ((event as { fraction: number }).fraction >= 0.5) controller.abort();
    };
    const error = await refusal(load({ signal: controller.signal, onProgress }));
    expect(error.code).toBe('aborted');
    Object.assign(server.behaviour, { slow: false });
    server.requests.length = 0;
  };

  it('downloads once, reports progress, and then needs no server', async () => {
    const fractions: number[] = [];
    const path = await load({
      sha256: hashOf(body),
      onProgress: (e) => fractions.push((e as { fraction: number }).fraction),
    });
    expect(content(path)).toBe(hashOf(body));
    expect(path).toMatch(/net\.pkl$/);
    expect(fractions.at(-1)).toBe(1);
    expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
    expect(await load({ sha256: hashOf(body) })).toBe(path);
    expect(server.requests).toEqual(['']);
    expect(readdirSync(folder)).toHaveLength(1);
  });

  /** Tells the server which bytes have arrived. */
  const onProgress = (event: unknown) => {
    server.behaviour.arrived = Math.round((event as { fraction: number }).fraction * body.length);
  };

  it('reconnects when a connection breaks', async () => {
    Object.assign(server.behaviour, { breakAfter: 80_000, arrived: 0 });
    expect(content(await load({ onProgress }))).toBe(hashOf(body));
    expect(server.requests[0]).toBe('');
    expect(server.requests.slice(1).every((range) => /^bytes=\d+-$/.test(range))).toBe(true);
    expect(server.requests.length).toBeGreaterThan(1);
  });

  it('resumes after an abort, and never shows half a file', async () => {
    await leaveHalf();
    expect(readdirSync(folder).every((name) => /\.part(\.json)?$/.test(name))).toBe(true);
    expect(content(await load({ sha256: hashOf(body) }))).toBe(hashOf(body));
    expect(server.requests).toHaveLength(1);
    expect(server.requests[0]).toMatch(/^bytes=[1-9]\d*-$/);
    expect(readdirSync(folder)).toHaveLength(1);
  });

  it('starts over if the server does not support ranges', async () => {
    await leaveHalf();
    server.behaviour.ranges = false;
    expect(content(await load())).toBe(hashOf(body));
  });

  it('starts over if the file has changed', async () => {
    await leaveHalf();
    Object.assign(server.behaviour, { body: other, etag: '"2"' });
    expect(content(await load())).toBe(hashOf(other));
  });

  it('starts over if the file has become shorter', async () => {
    await leaveHalf();
    Object.assign(server.behaviour, { body: other.slice(0, 1000), etag: undefined });
    expect(content(await load({ sha256: hashOf(other.slice(0, 1000)) }))).toBe(hashOf(other.slice(0, 1000)));
  });

  it('without a validator, resumes only with a hash, and checks it', async () => {
    server.behaviour.etag = undefined;
    await leaveHalf();
    expect(content(await load())).toBe(hashOf(body));
    expect(server.requests).toEqual(['']);
    rmSync(folder, { recursive: true });
    await leaveHalf();
    // Another file at the same URL: the two halves together have the wrong hash.
    server.behaviour.body = other;
    expect(content(await load({ sha256: hashOf(other) }))).toBe(hashOf(other));
    expect(server.requests.at(-1)).toBe('');
  });

  it('refuses a file with a wrong hash and keeps none of it', async () => {
    const error = await refusal(load({ sha256: hashOf(other) }));
    expect(error.code).toBe('checkpoint-corrupt');
    expect(error.message).toContain(hashOf(body));
    expect(readdirSync(folder)).toEqual([]);
  });

  it('keeps the good file if it is requested with a wrong hash or the server has another', async () => {
    const path = await load({ sha256: hashOf(body) });
    const error = await refusal(load({ sha256: hashOf(other) }));
    expect(error.code).toBe('checkpoint-corrupt');
    server.behaviour.status = 503;
    expect((await refusal(load({ sha256: hashOf(other) }))).code).toBe('io');
    expect(readdirSync(folder)).toHaveLength(1);
    expect(content(path)).toBe(hashOf(body));
    server.requests.length = 0;
    expect(await load({ sha256: hashOf(body) })).toBe(path);
    expect(server.requests).toEqual([]);
    Object.assign(server.behaviour, { status: undefined, body: other, etag: '"2"' });
    expect(content(await load({ sha256: hashOf(other) }))).toBe(hashOf(other));
    expect(readdirSync(folder)).toHaveLength(1);
  });

  it('downloads a file again if it was damaged in the cache', async () => {
    const path = await load();
    writeFileSync(path, other);
    expect(content(await load({ sha256: hashOf(body) }))).toBe(hashOf(body));
    expect(server.requests).toHaveLength(2);
  });

  it('gives up if the connection keeps breaking, and keeps what has arrived', async () => {
    Object.assign(server.behaviour, { breakAfter: 1000, arrived: 0 });
    const error = await refusal(load({ onProgress }));
    expect(error.code).toBe('io');
    expect(error.hint).toContain('try again');
    server.behaviour.breakAfter = undefined;
    server.requests.length = 0;
    expect(content(await load())).toBe(hashOf(body));
    expect(server.requests[0]).toMatch(/^bytes=[1-9]/);
  });

  it('reports a missing file and a server that is down', async () => {
    server.behaviour.status = 404;
    const missing = await refusal(load());
    expect(missing.code).toBe('io');
    expect(missing.message).toContain('404');
    expect(server.requests).toHaveLength(1);
    server.behaviour.status = 503;
    expect((await refusal(load())).message).toContain('503');
    await server[Symbol.asyncDispose]();
    expect((await refusal(load())).code).toBe('io');
  });

  it('keeps no web page that a server sends for an address it does not know', async () => {
    server.behaviour.type = 'text/html; charset=utf-8';
    expect(await refusal(load())).toMatchObject({
      code: 'io',
      message: expect.stringContaining('the server sent a web page'),
    });
    expect(server.requests).toHaveLength(1);
    server.behaviour.type = undefined;
    expect(content(await load())).toBe(hashOf(body));
  });

  it('two downloads at once produce one whole file', async () => {
    server.behaviour.slow = true;
    const [a, b] = await Promise.all([load(), load()]);
    expect(a).toBe(b);
    expect(content(a)).toBe(hashOf(body));
    expect(readdirSync(folder)).toHaveLength(1);
  });

  it('resumes the download of a process that was killed', async () => {
    await leaveHalf();
    const [part] = readdirSync(folder).filter((name) => name.endsWith('.part'));
    // Above the largest process id of Linux.
    const killed = `${part}-${2 ** 22 + 1}-0-0`;
    for (const end of ['', '.json']) renameSync(join(folder, part! + end), join(folder, killed + end));
    expect(content(await load())).toBe(hashOf(body));
    expect(server.requests[0]).toMatch(/^bytes=[1-9]/);
    expect(readdirSync(folder)).toHaveLength(1);
  });

  it('resumes a download whose facts were cut off when its process was killed', async () => {
    await leaveHalf();
    const facts = readdirSync(folder).find((name) => name.endsWith('.json'))!;
    writeFileSync(join(folder, facts), '{"valid');
    expect(content(await load({ sha256: hashOf(body) }))).toBe(hashOf(body));
    expect(server.requests[0]).toMatch(/^bytes=[1-9]/);
  });

  it('takes an address with a % that begins no escape', async () => {
    expect(await folderCache(folder).find('https://example.org/100%.pkl')).toBeUndefined();
  });

  it('refuses a malformed URL or hash', async () => {
    const cache = folderCache(folder);
    for (const attempt of [cachedFetch('weights.pkl', { cache }), load({ sha256: 'abc' })]) {
      expect(FaceanimError.isInstance(await refusal(attempt), 'invalid-option')).toBe(true);
    }
    expect((await refusal(load({ signal: AbortSignal.abort() }))).code).toBe('aborted');
  });
});
