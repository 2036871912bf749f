import { notLoaded, openWasmBackend, type RuntimeFactory, unavailable } from '@faceanim/tensor/backends';
import * as tf from '@tensorflow/tfjs-core';
import { addressOf, checkServed, serveHint, withSlash } from './wasm-files';
import { webThreads } from './wasm-threads';

/** Options of the WASM runtime. */
export interface WasmOptions {
  /**
   * Address of a folder with the `.wasm` files of `@tensorflow/tfjs-backend-wasm/dist`, or the address of each file by its
   * name. Default: beside the script, where bundlers do not put them.
   */
  wasmPaths?: string | URL | Readonly<Record<string, string>>;
}

const tfjsPackage = { runtime: 'wasm', name: '@tensorflow/tfjs-backend-wasm' };

/**
 * WebAssembly (`@tensorflow/tfjs-backend-wasm`, XNNPACK), with threads on cross-origin isolated pages if `wasmPaths` is
 * given.
 */
export function wasm({ wasmPaths }: WasmOptions): RuntimeFactory {
  return {
    name: 'wasm',
    async open({ threads = navigator.hardwareConcurrency }) {
      const tfjs = await loadTfjs();
      const paths = wasmPaths === undefined ? undefined : withSlash(wasmPaths);
      if (paths) {
        const simd = Boolean(await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT'));
        await checkServed(addressOf(paths, simd ? 'simd' : 'plain'));
        usePaths(tfjs.setWasmPaths, paths);
      }
      return openWasmBackend({
        tfjs,
        threads,
        platform: webThreads(paths && addressOf(paths, 'threaded')),
        hint: `${serveHint} Then reload the page: tfjs starts WASM only once.`,
      });
    },
  };
}

async function loadTfjs() {
  try {
    return await import('@tensorflow/tfjs-backend-wasm');
  } catch (cause) {
    throw notLoaded(tfjsPackage, cause);
  }
}

type Paths = string | Record<string, string>;

/** After a failed start, tfjs takes no other paths. */
function usePaths(setWasmPaths: (paths: Paths) => void, paths: Paths): void {
  try {
    setWasmPaths(paths);
  } catch (cause) {
    throw unavailable(
      'wasm',
      'its first start failed',
      'Reload the page: tfjs starts WASM only once.',
      cause,
    );
  }
}
