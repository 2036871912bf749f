/**
 * What a loss term, a network or a backend of one's own can be tested with: tiny networks, gradient checks, leak counts,
 * the contract of a backend.
 *
 * @packageDocumentation
 */
import '../dispose-symbols';
import '../tensor/gradients';

export * from './checks';
export {
  type BackendContract,
  type BackendContractOptions,
  backendContract,
} from './contract/backend-contract';
export type { ContractCheck } from './contract/contract-check';
export { fusedOperations } from './contract/fused-operations';
export { evaluateOperation, type Operation, type Own } from './contract/operation';
export { type TinyRun, tinyRun } from './contract/tiny-run';
export { peakBytes } from './peak-bytes';
export * from './tiny-networks';
