/**
 * `@faceanim/core` in the browser: tensor runtimes.
 *
 * @module @faceanim/backend-web
 */
export { backendNames, type OpenWebBackendOptions, openBackend } from './open-backend';
export type { WasmOptions } from './runtimes/wasm';
