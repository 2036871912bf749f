/**
 * Animates a face without training a network: for each frame of a driving video (the driver), finds the latent of a frozen
 * face generator whose image looks like a source image (the look) and has the landmarks of the video. Start with
 * {@link projectSequence}.
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
export * from './images/paste-back';
export * from './images/rgba';
export type { PlainFrame } from './landmarks/driver-frames';
export * from './landmarks/prepare-look';
export type { AlignedFrame } from './landmarks/track';
export * from './latents/frame-file';
export { generatorFingerprint, sameGenerator } from './latents/generator-fingerprint';
export * from './latents/interpolate';
export type { LatentSource } from './latents/latent-source';
export type { LatentSpaceName } from './latents/latent-space';
export * from './latents/latents-file';
export { mapLatents } from './latents/map-latents';
export * from './latents/render';
export { type LatentStatisticsOptions, latentStatistics } from './latents/statistics';
export { openLive } from './live/open-live';
export * from './live/options';
export type { EarlyStopping } from './optimization/early-stopping';
export * from './optimizers/adam';
export * from './optimizers/optimizer';
export * from './optimizers/quasi-newton';
export type { LatentNoiseSchedule, LearningRateSchedule } from './optimizers/schedules';
export * from './presets/default-losses';
export * from './presets/fast';
export * from './presets/modes';
export {
  type ReferenceModeNetworks,
  type ReferenceModeOptions,
  referenceMode,
} from './presets/reference-mode';
export * from './presets/thorough';
export * from './sequence/default-steps';
export * from './sequence/options';
export { projectSequence } from './sequence/project-sequence';
export * from './sequence/projector';
export type { SequenceFrame } from './sequence/sequence-frame';
