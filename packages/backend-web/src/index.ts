/**
 * Tensor runtimes in browsers: WebGPU, WebGL, WASM.
 *
 * @module @faceanim/backend-web
 */
export { backendNames, type OpenWebBackendOptions, openBackend } from './open-backend';
export type { WasmOptions } from './runtimes/wasm';
