import '@faceanim/tensor';

export * from './fidelity';
export * from './heatmaps';
export * from './landmarks';
export * from './lpips';
export * from './noise';
export type { LatentNorm } from './norms';
export * from './pixel';
export * from './prior';
export * from './realism';
export * from './smooth';
