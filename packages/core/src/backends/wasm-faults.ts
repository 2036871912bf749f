import * as tf from '@tensorflow/tfjs-core';
import type { FaceanimError } from '../errors';
import { outOfMemory } from './device-faults';

/** The part of tfjs' WASM backend that is watched; `onAbort` is Emscripten's. */
interface WasmTfBackend extends tf.KernelBackend {
  readonly wasm: { _malloc(bytes: number): number; onAbort?: (reason: unknown) => void };
}

const watched = new WeakSet<tf.KernelBackend>();

/**
 * Makes a WASM backend throw `out-of-memory`. tfjs does not look at what its allocator returns, so that a tensor for
 * which there is no room lands on address 0, over the memory of the program; inside kernels, the program aborts.
 */
export function reportWasmFaults(backend: tf.KernelBackend): void {
  if (watched.has(backend)) return;
  watched.add(backend);
  const { wasm } = backend as WasmTfBackend;
  const malloc = wasm._malloc;
  const fail = (bytes?: number): FaceanimError => outOfMemory('wasm', { bytes, inUse: tf.memory().numBytes });
  wasm._malloc = (bytes) => {
    const address = malloc(bytes);
    if (address === 0 && bytes > 0) throw fail(bytes);
    return address;
  };
  wasm.onAbort = () => {
    // What has aborted can do nothing more, not even give memory back.
    backend.disposeData = () => true;
    backend.dispose = () => {};
    throw fail();
  };
}
