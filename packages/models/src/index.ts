/**
 * Frozen networks for `@faceanim/core`: generators, discriminators, landmark networks and LPIPS from their checkpoints, a
 * cache for downloaded weights, and the bundled avatar pack.
 *
 * @module @faceanim/models
 */
export { browserCache } from './cache/browser-cache';
export { type CachedFetchOptions, cachedFetch } from './cache/cached-fetch';
export { folderCache } from './cache/folder-cache';
export type { CachedFile, PartialDownload, WeightCache } from './cache/weight-cache';
export {
  type FaceDescriptorFiles,
  type LoadFaceDescriptorOptions,
  loadFaceDescriptor,
} from './descriptors/load-face-descriptor';
export type { CreateDiscriminatorOptions } from './discriminators/architecture';
export { createDiscriminator, loadDiscriminator } from './discriminators/load-discriminator';
export { type FitEncoderOptions, fitEncoder } from './encoders/fit-encoder';
export type { LinearEncoder } from './encoders/linear-encoder';
export { loadEncoder } from './encoders/load-encoder';
export type { CreateGeneratorOptions } from './generators/architecture';
export { createGenerator, type LoadGeneratorOptions, loadGenerator } from './generators/load-generator';
export type { StyleGan3Generator, StyleGan3SynthesisOptions } from './generators/stylegan3/stylegan3';
export type { CreateLandmarkNetOptions } from './landmarks/architecture';
export { type LandmarkModelOptions, landmarkModel } from './landmarks/landmark-model';
export {
  createLandmarkNet,
  type LoadLandmarkNetOptions,
  loadLandmarkNet,
} from './landmarks/load-landmark-net';
export { fitLatents, latentTensorNames, readLatents, type StoredLatents } from './latents/read-latents';
export {
  type CheckpointSummary,
  describeCheckpoint,
  type NetworkSummary,
} from './networks/describe-checkpoint';
export type { LoadOptions } from './networks/load-options';
export { type AvatarPack, type AvatarPackOptions, type AvatarParts, avatarPack } from './packs/avatar';
export {
  type FactorColumn,
  type Factors,
  type FactorsToZOptions,
  type FactorValues,
  factorsToZ,
} from './packs/factors';
export {
  type ImportCheckpointOptions,
  type ImportedCheckpoint,
  importCheckpoint,
} from './packs/import-checkpoint';
export type { PackManifest } from './packs/pack-files';
export type { PackFolder } from './packs/pack-folder';
export { type LoadLpipsOptions, loadLpips } from './perceptual/load-lpips';
export { type CreateLpipsOptions, createLpips } from './perceptual/lpips';
export type { LpipsNet } from './perceptual/trunks';
