/**
 * For authors of backends: opening a runtime with a self-test, wrapping a backend of TensorFlow.js, typed errors for lost
 * devices and failed allocations, and the interface of fused kernels. Applications call `openBackend` of
 * `@faceanim/backend-node` or `@faceanim/backend-web` instead.
 *
 * @module @faceanim/tensor/backends
 */
import '../dispose-symbols';
import '../autodiff/register-gradients';

export {
  type FrozenConvAttributes,
  type FrozenConvInputs,
  type FusedConvInputs,
  frozenConvName,
  type PackedConvInputs,
  type PackFilterAttributes,
  packFilterName,
} from '../ops/conv/frozen-conv-kernel';
export { nothingElse } from '../ops/fused-kernel';
export { checkInput } from '../programs/check-input';
export { deviceLost, type FailedAllocation, markBroken, outOfMemory } from './faults';
export { openWasmBackend, openWebgpuBackend } from './on-demand';
export { type OpenBackendOptions, openBackendChecks, openFirstBackend } from './open';
export { importOptional, notLoaded, type OptionalPackage } from './optional-package';
export {
  isSoftwareAdapter,
  type RuntimeFactory,
  type RuntimeOptions,
  softwareOnly,
  unavailable,
} from './runtime';
export { openTfjsBackend, type TfjsBackendOptions } from './tfjs-backend';
export type { OpenWasmOptions, TfjsWasm } from './wasm/backend';
export type { ThreadPlatform, ThreadWorker } from './wasm/threads/pool';
export type { OpenWebgpuOptions, TfjsWebgpu } from './webgpu/backend';
export type { Webgpu } from './webgpu/device';
