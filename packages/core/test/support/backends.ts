import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { createRequire } from 'node:module';
import { dirname, sep } from 'node:path';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import '../../src/tensor/gradients';

// Keeps tfjs from advertising its native bindings in the output.
tf.env().set('PROD', true);
setWasmPaths(dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm')) + sep);

/** Backends on which numeric tests run: WASM and the plain JS one. */
const testBackends = ['wasm', 'cpu'] as const;
type TestBackend = (typeof testBackends)[number];

/**
 * Runs the suite once per backend. Activates it before all tests of the suite and asserts after them that no
 * tensor was left behind: create in `beforeAll` what a suite shares and dispose it in `afterAll`.
 *
 * @param long backends that are left to `npm run test:long`: the plain one takes seconds for a real network.
 */
export function eachBackend(
  suite: (backend: TestBackend) => void,
  { long = [] }: { long?: readonly TestBackend[] } = {},
): void {
  for (const backend of testBackends) {
    describe(`on ${backend}`, { tags: long.includes(backend) ? ['long'] : [] }, () => {
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
}
