import {
  notLoaded,
  openTfjsBackend,
  type RuntimeFactory,
  reportWasmFaults,
  shareWasmClones,
  unavailable,
} from '@faceanim/tensor/backends';
import * as tf from '@tensorflow/tfjs-core';
import { addressOf, checkServed, serveHint, withSlash } from './wasm-files';

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
      const { setWasmPaths } = await loadTfjs();
      tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
      shareWasmClones();
      const simd = Boolean(await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT'));
      if (wasmPaths !== undefined) {
        const paths = withSlash(wasmPaths);
        await checkServed(addressOf(paths, simd));
        usePaths(setWasmPaths, paths);
      }
      return openTfjsBackend({
        name: 'wasm',
        tfBackend: 'wasm',
        hint: `${serveHint} Then reload the page: tfjs starts WASM only once.`,
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
