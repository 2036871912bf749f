import * as tf from '@tensorflow/tfjs-core';
import type { RuntimeFactory } from './runtime';
import { openTfjsBackend } from './tfjs-backend';

/**
 * WebAssembly (`@tensorflow/tfjs-backend-wasm`, XNNPACK): comes with `npm install` and runs on any CPU.
 * Its binaries lie beside its script, which finds them from any working directory.
 */
export const wasm: RuntimeFactory = {
  name: 'wasm',
  async open() {
    await import('@tensorflow/tfjs-backend-wasm');
    const simd = await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT');
    return openTfjsBackend({ name: 'wasm', tfBackend: 'wasm' }, () => ({
      description: `WASM (${simd ? 'SIMD, ' : ''}1 thread)`,
      capabilities: { gpu: false, threads: 1 },
    }));
  },
};
