import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { build } from 'esbuild';

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

/** Options of {@link runInBrowser}. */
export interface BrowserOptions {
  /** Files that the page may fetch, by their paths on the server. */
  files?: Readonly<Record<string, string>>;
  /** Answers requests for other paths; returns whether it did. */
  handle?: (request: IncomingMessage, response: ServerResponse) => boolean;
  /** Cross-origin isolation, which shared memory needs. Default false. */
  isolated?: boolean;
  /**
   * Bundles as for production: names are shortened, and helpers of the bundler stand around functions, so that what is
   * sent to a worker as the text of a function does not run there. Default false.
   */
  minify?: boolean;
  /** Script that runs before anything else of the page. */
  before?: string;
  /** Further command line arguments, such as `--enable-unsafe-webgpu`. */
  flags?: readonly string[];
  /** What the page reads as `process.env.NAME`, by name. */
  env?: Readonly<Record<string, string>>;
  /** Default three minutes: other tests run at the same time. */
  timeoutMs?: number;
}

/**
 * Runs the default export of a TypeScript module in a page of a headless Chromium and returns what it resolves to, by
 * way of JSON. The module is bundled with our sources; anything it throws is thrown here.
 */
export async function runInBrowser<T>(entry: string, options: BrowserOptions = {}): Promise<T> {
  const {
    isolated = false,
    minify = false,
    before = '',
    flags = [],
    env = {},
    timeoutMs = 180_000,
  } = options;
  const chromium = findChromium();
  if (!chromium) throw new Error(missingChromium);
  const script = await bundle(entry, env, minify);
  const profile = await mkdtemp(join(tmpdir(), 'faceanim-chromium-'));
  const { promise, resolve, reject } = outcome<T>();
  const server = createServer(async (request, response) => {
    if (isolated) {
      response.setHeader('cross-origin-opener-policy', 'same-origin');
      response.setHeader('cross-origin-embedder-policy', 'require-corp');
    }
    const path = decodeURI(request.url ?? '/');
    const file = options.files?.[path];
    if (path === '/') send(response, 'text/html', pageAfter(before));
    else if (path === '/bundle.js') send(response, 'text/javascript', script);
    else if (path === '/result') {
      const { value, error } = JSON.parse(await text(request)) as { value: T; error?: string };
      if (error === undefined) resolve(value);
      else reject(new Error(error));
      response.end();
    } else if (file) send(response, 'application/octet-stream', await readFile(file));
    else if (!options.handle?.(request, response)) response.writeHead(404).end();
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  const browser = spawn(
    chromium,
    [...quiet, ...flags, `--user-data-dir=${profile}`, `http://127.0.0.1:${port}/`],
    { stdio: 'ignore' },
  );
  const exited = new Promise<void>((done) => browser.once('exit', () => done()));
  browser.once('error', reject);
  browser.once('exit', (code) => reject(new Error(`Chromium ended with code ${code}`)));
  const timer = setTimeout(() => reject(new Error(`no result after ${timeoutMs} ms`)), timeoutMs);
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    browser.kill('SIGKILL');
    await exited;
    server.closeAllConnections();
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

/** Loads the bundle and sends what it makes of itself. */
const pageAfter = (before: string) => `<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,">
<script>${before}</script><script type="module">
const send = (result) => fetch('/result', { method: 'POST', body: JSON.stringify(result) });
try {
  const { default: run } = await import('/bundle.js');
  await send({ value: await run() });
} catch (error) {
  await send({ error: String(error?.stack ?? error) });
}
</script>`;

async function bundle(
  entry: string,
  env: Readonly<Record<string, string>>,
  minify: boolean,
): Promise<Uint8Array> {
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    minify,
    keepNames: minify,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    logLevel: 'error',
    define: Object.fromEntries(
      Object.entries(env).map(([name, value]) => [`process.env.${name}`, JSON.stringify(value)]),
    ),
    // Node's modules stay dynamic imports, which are not reached in a browser.
    external: ['node:*'],
  });
  return outputFiles[0]!.contents;
}

function send(response: ServerResponse, type: string, body: string | Uint8Array): void {
  response.writeHead(200, { 'content-type': type, 'cache-control': 'no-store' }).end(body);
}

function outcome<T>() {
  let resolve!: (value: T) => void;
  let reject!: (error: Error) => void;
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}
