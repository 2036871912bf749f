import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { findChromium, missingChromium } from '../../../../tools/browser';
import { runInBrowser } from '../../../models/test/browser/support';
import type { ProductionReport } from './production';

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
const wasm = dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm'));
const avatar = path('../../../models/assets/avatar/');
const served = (prefix: string, folder: string, names: readonly string[]) =>
  names.map((name) => [prefix + name, join(folder, name)]);
const files = Object.fromEntries([
  ...served('/wasm/', wasm, readdirSync(wasm)),
  ...served('/avatar/', avatar, readdirSync(avatar)),
]);
const withoutSymbols = readFileSync(path('../../../../tools/smoke/without-dispose-symbols.mjs'), 'utf8');

it.skipIf(!findChromium())(
  `opens and computes in a minified bundle, on an isolated page of a browser without Symbol.dispose${findChromium() ? '' : `: ${missingChromium}`}`,
  async () => {
    const report = await runInBrowser<ProductionReport>(path('production.ts'), {
      files,
      isolated: true,
      minify: true,
      before: withoutSymbols,
      // It hung here for ever; alone it takes three seconds.
      timeoutMs: 90_000,
    });
    expect(report).toMatchObject({ isolated: true, slope: 6, sum: 64 * 64 * 16 * 8, tensors: 0 });
    expect(report.description).toBe('WASM (SIMD, 3 threads)');
    expect(report.seconds).toBeLessThan(30);
  },
  120_000,
);
