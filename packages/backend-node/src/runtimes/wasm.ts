import { availableParallelism } from 'node:os';
import { openWasmBackend, type RuntimeFactory } from '@faceanim/tensor/backends';
import { nodeThreads } from './wasm-threads';

/** WebAssembly (`@tensorflow/tfjs-backend-wasm`, XNNPACK). A dependency of this package; runs on any CPU. */
export const wasm: RuntimeFactory = {
  name: 'wasm',
  async open({ fusedKernels, threads = availableParallelism() }) {
    const tfjs = await import('@tensorflow/tfjs-backend-wasm');
    return withoutCrashHandlers(() =>
      openWasmBackend({ tfjs, threads, platform: nodeThreads, fusedKernels }),
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
