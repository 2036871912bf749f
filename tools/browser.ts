import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, extname, join } from 'node:path';
import { text } from 'node:stream/consumers';

/** The path of a Chromium: `CHROMIUM` or one in the PATH; undefined where there is none. */
export function findChromium(): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter);
  const candidates = ['chromium', 'chromium-browser', 'google-chrome'].flatMap((name) =>
    folders.map((folder) => join(folder, name)),
  );
  return [process.env.CHROMIUM ?? '', ...candidates].find((path) => path !== '' && existsSync(path));
}

/** What a test prints when it is skipped for want of a browser. */
export const missingChromium = 'no Chromium in the PATH: browser tests are skipped';

/** What a server answers with. */
export interface ServerOptions {
  /** Files by their path on the server: the name of a file, or its content. */
  files: Readonly<Record<string, string | Uint8Array>>;
  /** Answers requests for other paths; returns whether it did. */
  handle?: (request: IncomingMessage, response: ServerResponse) => boolean;
  /** Cross-origin isolation, which shared memory needs. Default false. */
  isolated?: boolean;
}

/** Serves files on this machine. */
export async function serveFiles(options: ServerOptions): Promise<{ address: string; close: () => void }> {
  const { files, handle, isolated = false } = options;
  const server = createServer(async (request, response) => {
    if (isolated) {
      response.setHeader('cross-origin-opener-policy', 'same-origin');
      response.setHeader('cross-origin-embedder-policy', 'require-corp');
    }
    const [asked = '/'] = decodeURI(request.url ?? '/').split('?');
    const path = asked.endsWith('/') ? `${asked}index.html` : asked;
    const file = files[path];
    if (file !== undefined) {
      const type = types[extname(path)] ?? 'application/octet-stream';
      response.writeHead(200, { 'content-type': type, 'cache-control': 'no-store' });
      response.end(typeof file === 'string' ? await readFile(file) : file);
    } else if (!handle?.(request, response)) response.writeHead(404).end();
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { address: `http://127.0.0.1:${port}`, close };
}

/** What a page needs. */
export interface PageOptions extends ServerOptions {
  /** Further command line arguments, such as `--enable-unsafe-webgpu`. */
  flags?: readonly string[];
  /** Default three minutes: other tests run at the same time. */
  timeoutMs?: number;
}

/**
 * Opens `/index.html` in a headless Chromium and waits until the page has posted its result to `/result` as JSON:
 * `{ value }`, which is returned, or `{ error }`, a text that is thrown.
 */
export async function runPage<T>(options: PageOptions): Promise<T> {
  const { handle, flags = [], timeoutMs = 180_000 } = options;
  const chromium = findChromium();
  if (!chromium) throw new Error(missingChromium);
  const profile = await mkdtemp(join(tmpdir(), 'faceanim-chromium-'));
  const { promise, resolve, reject } = outcome<T>();
  const take = async (request: IncomingMessage, response: ServerResponse) => {
    const { value, error } = JSON.parse(await text(request)) as { value: T; error?: string };
    if (error === undefined) resolve(value);
    else reject(new Error(error));
    response.end();
  };
  const server = await serveFiles({
    ...options,
    handle(request, response) {
      if (request.url !== '/result') return handle?.(request, response) ?? false;
      void take(request, response);
      return true;
    },
  });
  const browser = spawn(
    chromium,
    [...quiet, ...flags, `--user-data-dir=${profile}`, `${server.address}/index.html`],
    { stdio: 'ignore' },
  );
  // Not `exit`, which a program that cannot be started never tells.
  const exited = new Promise<void>((done) => browser.once('close', () => done()));
  browser.once('error', reject);
  browser.once('exit', (code) => reject(new Error(`Chromium ended with code ${code}`)));
  const timer = setTimeout(() => reject(new Error(`no result after ${timeoutMs} ms`)), timeoutMs);
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    browser.kill('SIGKILL');
    await exited;
    server.close();
    // Its helpers may still be writing for a moment.
    await rm(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
}

const quiet = [
  '--headless=new',
  '--no-sandbox',
  '--no-first-run',
  '--disable-gpu',
  '--disable-sync',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-dev-shm-usage',
];

const types: Readonly<Record<string, string>> = {
  '.css': 'text/css',
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.wasm': 'application/wasm',
};

function outcome<T>() {
  let resolve!: (value: T) => void;
  let reject!: (error: Error) => void;
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}
