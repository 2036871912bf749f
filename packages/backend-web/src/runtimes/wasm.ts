import {
  importOptional,
  openTfjsBackend,
  type RuntimeFactory,
  reportWasmFaults,
  shareWasmClones,
} from '@faceanim/core';
import * as tf from '@tensorflow/tfjs-core';

/** Where the WASM binaries are served. */
export interface WasmOptions {
  /**
   * Folder, ending in `/`, that serves the three `.wasm` files of `@tensorflow/tfjs-backend-wasm/dist`, or the address
   * of each by its name. Default: beside the script, which bundlers do not arrange.
   */
  wasmPaths?: string | Readonly<Record<string, string>>;
}

const tfjsPackage = { runtime: 'wasm', name: '@tensorflow/tfjs-backend-wasm' };

/** WebAssembly (`@tensorflow/tfjs-backend-wasm`, XNNPACK); one thread, see docs/backends.md. */
export function wasm({ wasmPaths }: WasmOptions): RuntimeFactory {
  return {
    name: 'wasm',
    async open() {
      const { setWasmPaths, getThreadsCount } = await importOptional(
        tfjsPackage,
        () => import('@tensorflow/tfjs-backend-wasm'),
      );
      shareWasmClones();
      if (wasmPaths !== undefined) setWasmPaths(typeof wasmPaths === 'string' ? wasmPaths : { ...wasmPaths });
      const simd = await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT');
      return openTfjsBackend({
        name: 'wasm',
        tfBackend: 'wasm',
        hint: 'Serve the .wasm files of @tensorflow/tfjs-backend-wasm/dist and pass their folder as wasmPaths.',
        describe: (started) => {
          reportWasmFaults(started);
          const threads = getThreadsCount();
          return {
            description: `WASM (${simd ? 'SIMD, ' : ''}${threadsText(threads)})`,
            capabilities: { gpu: false, threads },
          };
        },
      });
    },
  };
}

function threadsText(threads: number): string {
  if (threads > 1) return `${threads} threads`;
  return globalThis.crossOriginIsolated ? '1 thread' : '1 thread: the page is not cross-origin isolated';
}
