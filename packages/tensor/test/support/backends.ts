import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { createRequire } from 'node:module';
import { dirname, sep } from 'node:path';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import '../../src/autodiff/register-gradients';

// Keeps tfjs from advertising its native bindings in the output.
tf.env().set('PROD', true);
setWasmPaths(dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm')) + sep);

/** Backends on which numeric tests run: WASM and the plain JS one. */
const testBackends = ['wasm', 'cpu'] as const;
type Suite = (backend: (typeof testBackends)[number]) => void;

/**
 * Runs the suite once per backend. Activates it before all tests of the suite and asserts after them that no
 * tensor was left behind: create in `beforeAll` what a suite shares and dispose it in `afterAll`.
 */
export function eachBackend(suite: Suite): void {
  for (const backend of testBackends) onBackend(backend, [], suite);
}

/** As {@link eachBackend}, the plain backend left to `npm run test:long`: it takes seconds for a real network. */
export function eachBackendWithLongCpu(suite: Suite): void {
  onBackend('wasm', [], suite);
  onBackend('cpu', ['long'], suite);
}

function onBackend(backend: Parameters<Suite>[0], tags: string[], suite: Suite): void {
  describe(`on ${backend}`, { tags }, () => {
    let before = 0;
    beforeAll(async () => {
      await tf.setBackend(backend);
      await tf.ready();
      before = tf.memory().numTensors;
    });
    // Registered before the suite's own hooks, so that it runs after them.
    afterAll(() => {
      expect(tf.memory().numTensors, 'tensors left behind').toBe(before);
    });
    suite(backend);
  });
}
