import { runInBrowser } from '../packages/models/test/browser/support';
import { findChromium, missingChromium } from '../tools/browser';
import type { BenchmarkContext } from './run';
import type { BrowserRow } from './support/browser-page';

export const description =
  'one iteration on tiny networks in Chromium, WebGPU on its software adapter: eager and replayed';

export async function run({ log }: BenchmarkContext) {
  if (!findChromium()) throw new Error(missingChromium);
  log('a page of a headless Chromium');
  return runInBrowser<{ backend: string; rows: BrowserRow[] }>(
    `${import.meta.dirname}/support/browser-page.ts`,
    { flags: ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'], timeoutMs: 300_000 },
  );
}
