import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { createRequire } from 'node:module';
import { dirname, sep } from 'node:path';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import '../../src/autodiff/register-gradients';

setWasmPaths(dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm')) + sep);

/** The backends on which numeric tests run: WASM and plain JavaScript. */
const testBackends = ['wasm', 'cpu'] as const;
type Suite = (backend: (typeof testBackends)[number]) => void;

/**
 * Runs a suite once per backend, and checks that it leaves no tensor behind. Create what the suite shares in `beforeAll`
 * and dispose it in `afterAll`.
 */
export function eachBackend(suite: Suite): void {
  for (const backend of testBackends) onBackend(backend, [], suite);
}

/** As {@link eachBackend}, with plain JavaScript only in `npm run test:long`: a real network takes seconds on it. */
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
