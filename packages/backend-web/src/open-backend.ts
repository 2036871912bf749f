import type { Backend } from '@faceanim/tensor';
import {
  type OpenBackendOptions,
  openBackendChecks,
  openFirstBackend,
  type RuntimeFactory,
} from '@faceanim/tensor/backends';
import { accepting, checkOptions, type OptionChecks } from '@faceanim/tensor/options';
import { type WasmOptions, wasm } from './runtimes/wasm';
import { webgl } from './runtimes/webgl';
import { webgpu } from './runtimes/webgpu';

/** Options of {@link openBackend}. */
export interface OpenWebBackendOptions extends OpenBackendOptions, WasmOptions {}

const optionChecks: OptionChecks<OpenWebBackendOptions> = {
  ...openBackendChecks,
  wasmPaths: accepting(
    'the address of a folder, or an address for each file',
    (value) => typeof value === 'string' || (typeof value === 'object' && value !== null),
  ),
};

/**
 * Opens the fastest available tensor runtime: the first of WebGPU, WebGL and WASM that starts and passes a gradient
 * self-test. Activates it. Works in a page and in a Web Worker.
 *
 * Dispose it (`await using`) after everything that holds tensors on it. Calls that open the same runtime share it, so each
 * component of a page may open and dispose its own backend.
 *
 * @throws FaceanimError `invalid-option` for an unknown name; `backend-unavailable` if none started, with the reason and
 *   remedy for each; `aborted`
 */
export async function openBackend(options: OpenWebBackendOptions = {}): Promise<Backend> {
  checkOptions('openBackend', options, optionChecks);
  const { wasmPaths, ...rest } = options;
  return openFirstBackend(runtimes({ wasmPaths }), rest);
}

/** The names of the runtimes of this package, in the order in which {@link openBackend} tries them. */
export const backendNames = runtimes({}).map(({ name }) => name);

function runtimes(options: WasmOptions): readonly RuntimeFactory[] {
  return [webgpu, webgl, wasm(options)];
}
