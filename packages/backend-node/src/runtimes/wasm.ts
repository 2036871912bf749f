import {
  openTfjsBackend,
  type RuntimeFactory,
  reportWasmFaults,
  shareWasmClones,
} from '@faceanim/tensor/backends';
import * as tf from '@tensorflow/tfjs-core';

/**
 * WebAssembly (`@tensorflow/tfjs-backend-wasm`, XNNPACK). A dependency of this package; runs on any CPU.
 *
 * One thread: the `threaded-simd` binary of tfjs 4.22 would start on worker_threads, but its XNNPACK is built without a
 * thread pool (tensorflow/tfjs issue 8513).
 */
export const wasm: RuntimeFactory = {
  name: 'wasm',
  async open() {
    await import('@tensorflow/tfjs-backend-wasm');
    shareWasmClones();
    const simd = await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT');
    return withoutCrashHandlers(() =>
      openTfjsBackend({
        name: 'wasm',
        tfBackend: 'wasm',
        describe: (started) => {
          reportWasmFaults(started);
          return {
            description: `WASM (${simd ? 'SIMD, ' : ''}1 thread)`,
            capabilities: { gpu: false, threads: 1 },
          };
        },
      }),
    );
  },
};

/**
 * Removes the crash handlers that Emscripten installs. They rethrow whatever crashes the process, which spoils its exit
 * code, a readable stack, and the order of its own handlers.
 */
async function withoutCrashHandlers<T>(start: () => Promise<T>): Promise<T> {
  const events = ['uncaughtException', 'unhandledRejection'] as const;
  const before = events.map((event) => process.rawListeners(event));
  try {
    return await start();
  } finally {
    for (const [i, event] of events.entries()) {
      const added = process.rawListeners(event).filter((listener) => !before[i]!.includes(listener));
      for (const listener of added) process.removeListener(event, listener as () => void);
    }
  }
}
