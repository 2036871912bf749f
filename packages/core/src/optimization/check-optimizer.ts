import { FaceanimError } from '@faceanim/tensor';
import type { Optimizer, OptimizerProblem } from '../optimizers/optimizer';

/**
 * Throws if an optimizer cannot solve a problem.
 *
 * @param trainNoise whether noise maps are optimised as well.
 * @throws {FaceanimError} `invalid-option`.
 */
export function checkOptimizer(optimizer: Optimizer, problem: OptimizerProblem, trainNoise: boolean): void {
  if (trainNoise && !optimizer.trainsNoise) {
    throw new FaceanimError(
      'invalid-option',
      `The optimizer ${optimizer.name} does not optimise noise maps.`,
      {
        hint: 'Use optimizer: adam(), or do not optimise noise maps.',
      },
    );
  }
  optimizer.check?.(problem);
}
