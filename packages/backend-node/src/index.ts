/**
 * Tensor runtimes in Node: CUDA, WebGPU, native CPU, WASM, plain JavaScript.
 *
 * @module @faceanim/backend-node
 */
export type { OpenBackendOptions } from '@faceanim/tensor/backends';
export { backendNames, openBackend } from './open-backend';
