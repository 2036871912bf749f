import * as tf from '@tensorflow/tfjs-core';
import { compare, expectEqual, expectTrue } from '../compare';
import type { Contract, ContractCheck } from './contract';
import {
  type ContractBackendOptions,
  contractBackends,
  errorOf,
  expectCode,
  expectOutOfMemory,
} from './contract-backends';
import { checkDifferences, evaluateOperation, type Operation } from './operation';
import { operations } from './operations';
import { programChecks, readAfterLoss } from './program-checks';

/** Options of {@link backendContract}. */
export interface BackendContractOptions extends ContractBackendOptions {
  /** Allowed relative difference of the values and gradients of single operations. Default 1e-4. */
  tolerance?: number;
  /** Loses the device of the running backend, as a driver crash would. Without it, that check is left out. */
  loseDevice?: () => void;
  /** Number of elements of a tensor that is too large for the backend. Without it, that check is left out. */
  tooLarge?: number;
}

/**
 * Tests a tensor backend, as a list of checks for any test framework: every operation and its gradients against a
 * reference backend, recorded programs, loss of the device, lack of memory. `projectionContract` of
 * `@faceanim/core/testing` tests whole projections.
 *
 * @example
 * const contract = backendContract({ open: () => openBackend({ prefer: 'wasm' }), openOracle });
 * for (const { name, run } of contract.checks) it(name, run);
 * afterAll(() => contract[Symbol.asyncDispose]());
 */
export function backendContract(options: BackendContractOptions): Contract {
  const { tolerance = 1e-4, loseDevice, tooLarge } = options;
  const backends = contractBackends(options);
  /** Compares the value of an operation, and its gradients, with those of the reference backend. */
  const compareOperation = async (operation: Operation) => {
    const { got, expected } = await backends.onBoth(() => evaluateOperation(operation));
    expectEqual(got.length, expected.length, 'the number of results');
    for (const [i, values] of expected.entries()) {
      const what = i === 0 ? 'value' : `gradient in input ${i}`;
      compare(got[i]!, values, operation.tolerance ?? tolerance, what);
    }
  };
  const checks: ContractCheck[] = [
    {
      name: 'describes itself',
      async run() {
        const backend = await backends.activate();
        expectEqual(tf.getBackend(), backend.tfBackend, 'the active tfjs backend');
        expectTrue(backend.description.length > 0, 'it has a description');
      },
    },
    ...operations.map((operation) => ({
      name: `${operation.name}: ${operation.forwardOnly ? 'value matches' : 'value and gradients match'} the reference backend`,
      run: () => compareOperation(operation),
    })),
    ...operations
      .filter(({ differences }) => differences)
      .map((operation) => ({
        name: `${operation.name}: gradient matches finite differences`,
        async run() {
          await backends.activate();
          const { gradientNorm, relativeError } = await checkDifferences(operation);
          expectTrue(gradientNorm > 0, 'there is a gradient');
          expectTrue(relativeError < 1e-2, `its relative error, ${relativeError}, is below 1e-2`);
        },
      })),
    ...programChecks(backends.activate),
  ];
  if (tooLarge !== undefined) {
    checks.push({
      name: 'a tensor that does not fit is a typed error',
      async run() {
        await backends.activate();
        await expectOutOfMemory(tooLarge);
        // After running out of memory, the backend must be usable once it is opened again.
        await backends.close();
        await compareOperation(operations[0]!);
      },
    });
  }
  if (loseDevice) {
    checks.push({
      name: 'a device lost during a program is a typed error',
      async run() {
        const error = await errorOf(() => readAfterLoss(backends.activate, loseDevice));
        expectCode(error, 'device-lost');
        await backends.close();
      },
    });
  }
  return { checks, [Symbol.asyncDispose]: () => backends[Symbol.asyncDispose]() };
}
