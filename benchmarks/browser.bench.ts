import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { runInBrowser } from '../packages/models/test/browser/support';
import { findChromium, missingChromium } from '../tools/browser';
import { entries, scriptSize } from '../tools/script-size.mjs';
import type { BenchmarkContext } from './run';
import type { BrowserRow } from './support/browser-page';
import type { SessionRow } from './support/browser-session';
import { tenths } from './support/measure';

export const description =
  'pages in Chromium: sizes of scripts, a session on each backend, and an iteration on WebGPU, eager and replayed (--only sizes,sessions,iteration; sessions: --backends wasm,webgl,webgpu)';

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
  const parts = { sizes, sessions, iteration };
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

/** Software adapters take many seconds for a step: they get few, and their time to the first picture means nothing. */
const few = { frames: 1, steps: { look: 0, first: 3 } };
const whole = { frames: 3, steps: { look: 60, first: 20, next: 10 } };
const sessionsOf = [
  { backend: 'wasm', isolated: false, work: whole },
  { backend: 'wasm', isolated: true, work: whole },
  { backend: 'webgl', isolated: false, work: few },
  { backend: 'webgpu', isolated: false, work: few },
];

/** Look and driver of the demo, animated in a worker on each backend. */
async function sessions(log: BenchmarkContext['log'], backends?: readonly string[]) {
  const rows: Partial<SessionRow>[] = [];
  for (const { backend, isolated, work } of sessionsOf) {
    if (!(backends?.includes(backend) ?? true)) continue;
    log(`  ${backend}${isolated ? ', on an isolated page' : ''}`);
    const { firstPicture, ...row } = await runInBrowser<SessionRow>(
      `${import.meta.dirname}/support/browser-session.ts`,
      {
        files: sessionFiles(),
        scripts: { '/worker.js': `${root}/packages/browser/src/faceanim-worker.ts` },
        env: { BACKEND: backend, WORK: JSON.stringify(work) },
        ...{ isolated, flags: software, timeoutMs: 3_600_000 },
      },
    );
    rows.push({
      backend: row.backend,
      opened: tenths(row.opened),
      ...(work === whole && { firstPicture: tenths(firstPicture) }),
      msPerStep: Math.round(row.msPerStep),
      longestGap: Math.round(row.longestGap),
    });
  }
  return rows;
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
