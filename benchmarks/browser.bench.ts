import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { text } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import { type BrowserOptions, runInBrowser } from '../packages/models/test/browser/support';
import { findChromium, missingChromium } from '../tools/browser';
import { entries, scriptSize } from '../tools/script-size.mjs';
import type { BenchmarkContext } from './run';
import type { BrowserRow } from './support/browser-page';
import type { SessionRow } from './support/browser-session';
import type { StepsRow } from './support/browser-steps';
import { tenths } from './support/measure';

export const description =
  'pages in Chromium: sizes of scripts, a session on WASM, the first steps on each backend, and an iteration on WebGPU, eager and replayed (--only sizes,sessions,steps,iteration; steps: --backends wasm,webgl,webgpu)';

const root = `${import.meta.dirname}/..`;
const software = [
  '--enable-unsafe-webgpu',
  '--use-webgpu-adapter=swiftshader',
  '--enable-unsafe-swiftshader',
];

export async function run({ args, log }: BenchmarkContext) {
  const { values } = parseArgs({ args, options: { only: { type: 'string' }, backends: { type: 'string' } } });
  if (!findChromium()) throw new Error(missingChromium);
  const backends = values.backends?.split(',');
  const parts = { sizes, sessions, steps, iteration };
  const result: Record<string, unknown> = {};
  for (const [name, measure] of Object.entries(parts)) {
    if (!(values.only?.split(',').includes(name) ?? true)) continue;
    log(name);
    result[name] = await measure(log, backends);
  }
  return result;
}

/** Kilobytes, compressed, of our scripts. */
async function sizes() {
  const rows: { what: string; kilobytes: number }[] = [];
  for (const [what, contents] of Object.entries(entries))
    rows.push({ what, kilobytes: tenths((await scriptSize(contents, root)).kilobytes) });
  return rows;
}

/** Look and driver of the demo, animated in a worker. */
async function sessions(log: BenchmarkContext['log']) {
  const rows: Partial<SessionRow>[] = [];
  for (const isolated of [false, true]) {
    log(`  ${isolated ? 'on an isolated page' : 'on a plain page'}`);
    const row = await runInWorker<SessionRow>('browser-session.ts', { env: { BACKEND: 'wasm' }, isolated });
    rows.push({
      backend: row.backend,
      opened: tenths(row.opened),
      firstPicture: tenths(row.firstPicture),
      again: tenths(row.again),
      msPerStep: Math.round(row.msPerStep),
      longestGap: Math.round(row.longestGap),
    });
  }
  return rows;
}

/** The first steps of the look of the demo on each backend. Without a GPU, those of a whole session would take hours. */
async function steps(
  log: BenchmarkContext['log'],
  backends: readonly string[] = ['wasm', 'webgl', 'webgpu'],
) {
  const rows: StepsRow[] = [];
  for (const backend of backends) {
    log(`  ${backend}`);
    const row = await runInWorker<StepsRow>('browser-steps.ts', {
      env: { BACKEND: backend },
      handle(request, response) {
        if (request.url !== '/stage') return false;
        void text(request).then((stage) => log(`    ${stage}`));
        response.end();
        return true;
      },
    });
    rows.push({
      backend: row.backend,
      before: tenths(row.before),
      firstTwo: tenths(row.firstTwo),
      msPerStep: Math.round(row.msPerStep),
      longestGap: Math.round(row.longestGap),
    });
  }
  return rows;
}

/** Runs a page of `support` that starts the worker. */
function runInWorker<T>(page: string, options: BrowserOptions): Promise<T> {
  return runInBrowser<T>(`${import.meta.dirname}/support/${page}`, {
    files: sessionFiles(),
    scripts: { '/worker.js': `${root}/packages/browser/src/faceanim-worker.ts` },
    ...{ flags: software, timeoutMs: 3_600_000 },
    ...options,
  });
}

function sessionFiles(): Record<string, string> {
  const folder = (at: string, from: string) =>
    readdirSync(from).map((name) => [at + name, `${from}/${name}`]);
  const wasm = dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm'));
  return {
    ...Object.fromEntries(folder('/wasm/', wasm)),
    ...Object.fromEntries(folder('/avatar/', `${root}/packages/models/assets/avatar`)),
    '/look.png': `${root}/packages/cli/assets/demo-look.png`,
    '/driver.webp': `${root}/packages/cli/assets/demo-driver.webp`,
  };
}

/** The iteration of the original program on tiny networks. */
async function iteration() {
  const { rows } = await runInBrowser<{ rows: BrowserRow[] }>(
    `${import.meta.dirname}/support/browser-page.ts`,
    { flags: software, timeoutMs: 300_000 },
  );
  return rows;
}
