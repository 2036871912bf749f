import * as tf from '@tensorflow/tfjs-core';
import { FaceanimError } from '../../errors';
import { markBroken, outOfMemory } from '../faults';

/** The part of tfjs' WASM backend that is patched; `onAbort` is Emscripten's. */
interface WasmTfBackend extends tf.KernelBackend {
  readonly wasm: {
    readonly _malloc: (bytes: number) => number;
    _free: (address: number) => void;
    readonly tfjs: { disposeData: (id: number) => void };
    readonly PThread?: { terminateAllThreads(): void };
    onAbort?: (reason: unknown) => void;
  };
}

/** 32-bit addresses, less stack and static data. Larger sizes would wrap around. */
const addressable = 2 ** 32 - 2 ** 20;

const nothing = () => {};

const watched = new WeakSet<tf.KernelBackend>();

/**
 * Makes a WASM backend throw `out-of-memory`. tfjs does not check what its allocator returns, so a tensor that does not
 * fit would be written to address 0, over other data; inside kernels, the program aborts. It may also be told the error that
 * makes it useless, as when a thread has failed, and then throws that.
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
    // Emscripten replaces its stub by the compiled function on the first call.
    set: (compiled: typeof malloc) => {
      malloc = compiled;
    },
  });
  wasm.onAbort = (reason) => {
    markBroken(backend);
    const failure = () => (FaceanimError.isInstance(reason) ? reason : fail());
    // Nothing works any more, not even freeing memory.
    allocate = () => {
      throw failure();
    };
    // tfjs still counts its tensors.
    wasm._free = nothing;
    wasm.tfjs.disposeData = nothing;
    backend.dispose = () => wasm.PThread?.terminateAllThreads();
    throw failure();
  };
}
