/**
 * Tests for authors of backends and operations: the backend contract, gradient checks, leak counts.
 *
 * @module @faceanim/tensor/testing
 */
import '../dispose-symbols';
import '../autodiff/register-gradients';

export { checkGradient, type DifferentiableFunction, type GradientCheck } from './check-gradient';
export { compare, expectEqual, expectTrue } from './compare';
export { type BackendContractOptions, backendContract } from './contract/backend-contract';
export type { Contract, ContractCheck } from './contract/contract';
export {
  type ContractBackendOptions,
  type ContractBackends,
  contractBackends,
  errorOf,
  expectCode,
  expectOutOfMemory,
} from './contract/contract-backends';
export { fusedOperations } from './contract/fused-operations';
export { evaluateOperation, type Operation, type Own } from './contract/operation';
export { countLeaks, peakBytes } from './memory';
