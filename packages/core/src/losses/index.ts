/**
 * Loss terms, whose weighted sum the optimisation minimises: the built-in ones, and the contract to write your own.
 *
 * @module @faceanim/core/losses
 */
import '@faceanim/tensor';

export * from './fidelity';
export * from './heatmaps';
export * from './identity';
export * from './landmark-heatmaps';
export type { LandmarkTermOptions } from './landmark-options';
export * from './landmarks';
export * from './loss-term';
export * from './lpips';
export * from './needs-look';
export * from './noise';
export type { LatentNorm } from './norms';
export * from './pixel';
export { posedLook } from './posed-look';
export * from './prior';
export * from './realism';
export * from './schedule';
export * from './smooth';
