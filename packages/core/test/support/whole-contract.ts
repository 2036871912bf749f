import { type BackendContractOptions, backendContract, type Contract } from '@faceanim/tensor/testing';
import { projectionContract } from '../../src/testing';

/** Options of both suites. */
export interface WholeContractOptions extends BackendContractOptions {
  leakSteps?: number;
}

/** All checks of a backend: single operations, then whole projections. */
export function wholeContract({ leakSteps, ...options }: WholeContractOptions): Contract {
  const { open, openOracle, loseDevice, tooLarge, tolerance } = options;
  const operations = backendContract(options);
  const projections = projectionContract({
    ...{ open, openOracle, loseDevice, tooLarge, leakSteps },
    ...(tolerance && { tolerance: 10 * tolerance }),
  });
  return {
    checks: [...operations.checks, ...projections.checks],
    async [Symbol.asyncDispose]() {
      await operations[Symbol.asyncDispose]();
      await projections[Symbol.asyncDispose]();
    },
  };
}
