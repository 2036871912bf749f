import {
  importOptional,
  openTfjsBackend,
  type RuntimeFactory,
  reportWasmFaults,
  shareWasmClones,
} from '@faceanim/tensor/backends';
import * as tf from '@tensorflow/tfjs-core';

/** Where the WASM binaries are served. */
export interface WasmOptions {
  /**
   * Folder, ending in `/`, that serves the `.wasm` files of `@tensorflow/tfjs-backend-wasm/dist`, or the address
   * of each by its name. Default: beside the script, which bundlers do not arrange.
   */
  wasmPaths?: string | Readonly<Record<string, string>>;
}

const tfjsPackage = { runtime: 'wasm', name: '@tensorflow/tfjs-backend-wasm' };

/**
 * WebAssembly (`@tensorflow/tfjs-backend-wasm`, XNNPACK) in one thread.
 *
 * The threaded binary of tfjs 4.22 is never loaded. It would be on cross-origin isolated pages, where its workers, made
 * of the text of a function, do not start in bundles for production, and tfjs waits for them for ever; where they do, its
 * XNNPACK still computes in one thread (measured; tensorflow/tfjs issue 8513).
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
