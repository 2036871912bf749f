import * as tf from '@tensorflow/tfjs-core';
import type { FaceanimError } from '../../errors';
import { markBroken, outOfMemory } from '../faults';

/** The part of tfjs' WASM backend that is watched; `onAbort` is Emscripten's. */
interface WasmTfBackend extends tf.KernelBackend {
  readonly wasm: { readonly _malloc: (bytes: number) => number; onAbort?: (reason: unknown) => void };
}

/** Beyond 32-bit addresses, less the stack and the static data, sizes wrap around. */
const addressable = 2 ** 32 - 2 ** 20;

const watched = new WeakSet<tf.KernelBackend>();

/**
 * Makes a WASM backend throw `out-of-memory`. tfjs does not look at what its allocator returns, so that a tensor for
 * which there is no room lands on address 0, over the memory of the program; inside kernels, the program aborts.
 */
export function reportWasmFaults(backend: tf.KernelBackend): void {
  if (watched.has(backend)) return;
  watched.add(backend);
  const { wasm } = backend as WasmTfBackend;
  const fail = (bytes?: number): FaceanimError => outOfMemory('wasm', { bytes, inUse: tf.memory().numBytes });
  let malloc = wasm._malloc;
  let allocate = (bytes: number): number => {
    const address = bytes < addressable ? malloc(bytes) : 0;
    if (address === 0 && bytes > 0) throw fail(bytes);
    return address;
  };
  Object.defineProperty(wasm, '_malloc', {
    get: () => allocate,
    // Emscripten's first call puts the compiled function in the place of a stub.
    set: (compiled: typeof malloc) => {
      malloc = compiled;
    },
  });
  wasm.onAbort = () => {
    markBroken(backend);
    // What has aborted can do nothing more, not even give memory back.
    allocate = () => {
      throw fail();
    };
    backend.disposeData = () => true;
    backend.dispose = () => {};
    throw fail();
  };
}
