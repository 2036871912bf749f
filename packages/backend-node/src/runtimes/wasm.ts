import {
  openTfjsBackend,
  type RuntimeFactory,
  reportWasmFaults,
  shareWasmClones,
} from '@faceanim/tensor/backends';
import * as tf from '@tensorflow/tfjs-core';

/**
 * WebAssembly (`@tensorflow/tfjs-backend-wasm`, XNNPACK): comes with `npm install` and runs on any CPU.
 * Its binaries lie beside its script, which finds them from any working directory.
 *
 * One thread: the `threaded-simd` binary of tfjs 4.22 can be started on worker_threads, but it is built with
 * XNNPACK's single-threaded thread pool and starts none (tensorflow/tfjs issue 8513).
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
 * Emscripten's start-up adds handlers that throw whatever crashes the process once more, which costs the program its
 * own handlers' order, its exit code and a readable stack; they are taken off again.
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
