/**
 * Face animations without training: for every frame of a driver, the latent of a frozen face generator whose image
 * keeps a look and takes over the driver's landmarks.
 *
 * @module @faceanim/core
 */
export {
  type Backend,
  type BackendCapabilities,
  type BackendName,
  FaceanimError,
  type FaceanimErrorCode,
  type FaceanimErrorOptions,
  type ImageTensor,
  type Range,
} from '@faceanim/tensor';

export * from './contracts';
export * from './images/image-tensors';
export * from './images/rgba';
export * from './landmarks/prepare-look';
export type { AlignedFrame } from './landmarks/track';
export * from './losses/noise-maps';
export * from './optim/adam';
export type { EarlyStopping } from './optim/early-stopping';
export * from './optim/latent-space';
export type { LatentStepOptions } from './optim/latent-step';
export { type TensorMemo, tensorMemo } from './optim/memo';
export * from './optim/objective';
export * from './optim/optimize-latents';
export * from './optim/quasi-newton';
export * from './optim/schedules';
export { type LatentStartOptions, type LatentState, startState, stepLatent } from './optim/single-step';
export * from './optim/statistics';
export * from './optim/step-programs';
export * from './presets/default-losses';
export * from './presets/fast';
export * from './presets/reference-mode';
export * from './presets/thorough';
export * from './sequence/frame-file';
export * from './sequence/interpolate';
export type { LatentSource } from './sequence/latent-source';
export * from './sequence/options';
export { projectSequence, type SequenceFrame } from './sequence/project-sequence';
export * from './sequence/projector';
export * from './sequence/render';
