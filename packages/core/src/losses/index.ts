import '@faceanim/tensor';

export * from './fan';
export * from './fidelity';
export * from './landmarks';
export * from './lpips';
export * from './noise';
export type { LatentNorm } from './norms';
export * from './pixel';
export * from './prior';
export * from './realism';
export * from './smooth';
