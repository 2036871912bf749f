/**
 * What a loss term, a network or a backend of one's own can be tested with: tiny networks, gradient checks, leak counts,
 * the contract of a backend.
 *
 * @packageDocumentation
 */
import '../tensor/gradients';

export * from './checks';
export {
  type BackendContract,
  type BackendContractOptions,
  backendContract,
  type ContractCheck,
} from './contract/backend-contract';
export { type TinyRun, tinyRun } from './contract/tiny-run';
export * from './tiny-networks';
