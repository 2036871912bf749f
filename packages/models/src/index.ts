/**
 * Frozen networks for `@faceanim/core`: StyleGAN2, StyleGAN3, FAN and LPIPS from their checkpoints, a cache for
 * downloaded weights, and the bundled avatar pack.
 *
 * @module @faceanim/models
 */
export * from './cache/browser-cache';
export * from './cache/cached-fetch';
export * from './cache/folder-cache';
export type { CachedFile, PartialDownload, WeightCache } from './cache/weight-cache';
export type { InitKwargs } from './config-values';
export * from './describe-checkpoint';
export { type FitEncoderOptions, fitEncoder } from './encoders/fit-encoder';
export {
  type LinearEncoder,
  type LoadEncoderOptions,
  linearEncoder,
  loadEncoder,
} from './encoders/linear-encoder';
export type { RecomputeOption } from './generators/frugal-layer';
export { type LoadGeneratorOptions, loadGenerator, loadStyleGan2 } from './generators/load-generator';
export type { MappingConfig } from './generators/mapping-config';
export * from './generators/stylegan2';
export type { StyleGan2Config, SynthesisArchitecture } from './generators/stylegan2-config';
export * from './generators/stylegan2-discriminator';
export type { BlockState } from './generators/stylegan2-synthesis';
export * from './generators/stylegan3';
export type { StyleGan3Config, StyleGan3Layer } from './generators/stylegan3-config';
export * from './landmarks/fan';
export * from './landmarks/load-fan';
export * from './latents/read-latents';
export * from './packs/avatar';
export * from './packs/factors';
export * from './packs/import-checkpoint';
export type { PackManifest } from './packs/pack-files';
export * from './perceptual/load-lpips';
export * from './perceptual/lpips';
