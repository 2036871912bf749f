import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { findChromium, missingChromium, runInBrowser } from '../../../models/test/browser/support';
import type { BrowserReport } from './all-runtimes';
import { contractOf, contracts } from './page';

const wasm = join(dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm')));
const files = Object.fromEntries(
  ['tfjs-backend-wasm', 'tfjs-backend-wasm-simd', 'tfjs-backend-wasm-threaded-simd'].map((name) => [
    `/wasm/${name}.wasm`,
    join(wasm, `${name}.wasm`),
  ]),
);
/** Software adapters, so that the tests run on machines without a GPU. */
const flags = [
  '--enable-unsafe-webgpu',
  '--use-webgpu-adapter=swiftshader',
  '--use-angle=swiftshader',
  '--enable-unsafe-swiftshader',
];
/** Ten times what it takes on two idle cores; long runs take theirs. */
const timeoutMs = process.env.FACEANIM_LEAK_STEPS ? 3_600_000 : 900_000;
const reason = findChromium() ? undefined : missingChromium;

describe.skipIf(reason)(reason ?? 'the contract of backends in a real browser', () => {
  let report: BrowserReport;
  beforeAll(async () => {
    const entry = fileURLToPath(new URL('all-runtimes.ts', import.meta.url));
    const env = { FACEANIM_LEAK_STEPS: process.env.FACEANIM_LEAK_STEPS ?? '' };
    report = await runInBrowser(entry, { files, flags, env, timeoutMs });
  }, timeoutMs + 60_000);

  describe.each(Object.keys(contracts))('%s', (runtime) => {
    it('comes up', () => {
      expect(report.page[runtime]!.unavailable).toBeUndefined();
      expect(report.page[runtime]!.description).toMatch(/\(.+\)/);
    });

    it('projects in a Web Worker', () => {
      const { unavailable, outcomes } = report.worker[runtime]!;
      expect(unavailable).toBeUndefined();
      expect(outcomes.map(({ error }) => error)).toEqual([undefined]);
    });

    it.each(contractOf(runtime).checks.map(({ name }) => name))('%s', (check) => {
      const outcome = report.page[runtime]!.outcomes.find(({ name }) => name === check);
      expect(outcome).toBeDefined();
      expect(outcome!.error).toBeUndefined();
    });
  });
});
