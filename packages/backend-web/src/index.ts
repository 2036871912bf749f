/** @packageDocumentation `@faceanim/core` in the browser: tensor runtimes. */
export { backendNames, type OpenWebBackendOptions, openBackend } from './open-backend';
export type { WasmOptions } from './runtimes/wasm';
