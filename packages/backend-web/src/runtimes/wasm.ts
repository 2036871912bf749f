import { notLoaded, openWasmBackend, type RuntimeFactory, unavailable } from '@faceanim/tensor/backends';
import * as tf from '@tensorflow/tfjs-core';
import { addressOf, bundledPaths, checkServed, serveHint, withSlash } from './wasm-files';
import { webThreads } from './wasm-threads';

/** Options of the WASM runtime. */
export interface WasmOptions {
  /**
   * Address of a folder with the `.wasm` files of `@tensorflow/tfjs-backend-wasm/dist`, or the address of each file by its
   * name. Default: the copies in this package, which Vite and webpack find. With esbuild, which copies no files, serve that
   * folder as `wasm/` beside the script, or pass its address.
   */
  wasmPaths?: string | URL | Readonly<Record<string, string>>;
}

const tfjsPackage = { runtime: 'wasm', name: '@tensorflow/tfjs-backend-wasm' };

/**
 * WebAssembly (`@tensorflow/tfjs-backend-wasm`, XNNPACK), with threads on cross-origin isolated pages.
 */
export function wasm({ wasmPaths }: WasmOptions): RuntimeFactory {
  return {
    name: 'wasm',
    async open({ fusedKernels, threads = navigator.hardwareConcurrency }) {
      const tfjs = await loadTfjs();
      const paths = withSlash(wasmPaths ?? bundledPaths(tfjs.version_wasm));
      const simd = Boolean(await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT'));
      await checkServed(addressOf(paths, simd ? 'simd' : 'plain'));
      usePaths(tfjs.setWasmPaths, paths);
      return openWasmBackend({
        tfjs,
        threads,
        fusedKernels,
        platform: webThreads(addressOf(paths, 'threaded')),
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
