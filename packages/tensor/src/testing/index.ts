/**
 * Tests for backends and operations: the contract suite of backends, gradient checks, leak counts.
 *
 * @module @faceanim/tensor/testing
 */
import '../dispose-symbols';
import '../autodiff/gradients';

export { type BackendContractOptions, backendContract } from './backend-contract';
export * from './checks';
export { compare, expectEqual, expectTrue } from './compare';
export * from './contract-backends';
export type { Contract, ContractCheck } from './contract-check';
export { fusedOperations } from './fused-operations';
export { evaluateOperation, type Operation, type Own } from './operation';
export { peakBytes } from './peak-bytes';
