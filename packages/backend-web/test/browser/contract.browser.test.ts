import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { findChromium, missingChromium } from '../../../../tools/browser';
import { runInBrowser } from '../../../models/test/browser/support';
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

/** Runs the page; what it reports is there once the tests run. */
function openPage(env: Readonly<Record<string, string>>): () => BrowserReport {
  let report: BrowserReport;
  beforeAll(async () => {
    const entry = fileURLToPath(new URL('all-runtimes.ts', import.meta.url));
    // Isolated, so that WASM has threads.
    report = await runInBrowser(entry, { files, flags, env, timeoutMs, isolated: true });
  }, timeoutMs + 60_000);
  return () => report;
}

describe.skipIf(reason)(reason ?? 'backends in a real browser', () => {
  const report = openPage({ FACEANIM_WHOLE_CONTRACT: '', FACEANIM_LEAK_STEPS: '' });

  describe.each(Object.keys(contracts))('%s', (runtime) => {
    it('comes up', () => {
      const { unavailable, description, outcomes } = report().page[runtime]!;
      expect(unavailable).toBeUndefined();
      expect(description).toMatch(/\(.+\)/);
      expect(description, 'why WASM has one thread').not.toContain('thread:');
      expect(outcomes.map(({ error }) => error)).toEqual([undefined]);
    });

    it('projects in a Web Worker', () => {
      const { unavailable, description, outcomes } = report().worker[runtime]!;
      expect(unavailable).toBeUndefined();
      expect(description, 'why WASM has one thread').not.toContain('thread:');
      expect(outcomes.map(({ error }) => error)).toEqual([undefined]);
    });
  });
});

describe.skipIf(reason)(reason ?? 'the contract of backends in a real browser', { tags: ['long'] }, () => {
  const { FACEANIM_LEAK_STEPS = '' } = process.env;
  const report = openPage({ FACEANIM_WHOLE_CONTRACT: 'yes', FACEANIM_LEAK_STEPS });

  describe.each(Object.keys(contracts))('%s', (runtime) => {
    it.each(contractOf(runtime).checks.map(({ name }) => name))('%s', (check) => {
      const outcome = report().page[runtime]!.outcomes.find(({ name }) => name === check);
      expect(outcome).toBeDefined();
      expect(outcome!.error).toBeUndefined();
    });
  });
});
