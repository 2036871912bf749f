/**
 * Tensor runtimes in Node: CUDA, WebGPU, native CPU, WASM, plain JavaScript.
 *
 * @module @faceanim/backend-node
 */
export { backendNames, openBackend } from './open-backend';
