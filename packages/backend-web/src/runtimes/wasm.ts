import {
  importOptional,
  openTfjsBackend,
  type RuntimeFactory,
  reportWasmFaults,
  shareWasmClones,
} from '@faceanim/tensor/backends';
import * as tf from '@tensorflow/tfjs-core';

/** Options of the WASM runtime. */
export interface WasmOptions {
  /**
   * URL, ending in `/`, of a folder with the `.wasm` files of `@tensorflow/tfjs-backend-wasm/dist`, or the URL of each file
   * by its name. Default: beside the script, where bundlers do not put them.
   */
  wasmPaths?: string | Readonly<Record<string, string>>;
}

const tfjsPackage = { runtime: 'wasm', name: '@tensorflow/tfjs-backend-wasm' };

/**
 * WebAssembly (`@tensorflow/tfjs-backend-wasm`, XNNPACK) in one thread.
 *
 * tfjs would load its threaded binary on cross-origin isolated pages. That is disabled: in production bundles its workers,
 * created from the source text of a function, never start and tfjs waits forever, and elsewhere its XNNPACK still computes
 * in one thread (measured with 4.22; tensorflow/tfjs issue 8513).
 */
export function wasm({ wasmPaths }: WasmOptions): RuntimeFactory {
  return {
    name: 'wasm',
    async open() {
      const { setWasmPaths } = await importOptional(
        tfjsPackage,
        () => import('@tensorflow/tfjs-backend-wasm'),
      );
      tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
      shareWasmClones();
      if (wasmPaths !== undefined) setWasmPaths(typeof wasmPaths === 'string' ? wasmPaths : { ...wasmPaths });
      const simd = await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT');
      return openTfjsBackend({
        name: 'wasm',
        tfBackend: 'wasm',
        hint: 'Serve the .wasm files of @tensorflow/tfjs-backend-wasm/dist and pass their folder as wasmPaths.',
        describe: (started) => {
          reportWasmFaults(started);
          return {
            description: `WASM (${simd ? 'SIMD, ' : ''}1 thread)`,
            capabilities: { gpu: false, threads: 1 },
          };
        },
      });
    },
  };
}
