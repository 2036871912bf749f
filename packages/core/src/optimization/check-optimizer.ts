import { FaceanimError } from '@faceanim/tensor';
import type { Optimizer, OptimizerProblem } from '../optimizers/optimizer';

/**
 * Refuses a problem that an optimizer does not solve.
 *
 * @param trainNoise whether noise maps are optimised too.
 * @throws {FaceanimError} `invalid-option`.
 */
export function checkOptimizer(optimizer: Optimizer, problem: OptimizerProblem, trainNoise: boolean): void {
  if (trainNoise && !optimizer.trainsNoise) {
    throw new FaceanimError(
      'invalid-option',
      `The optimizer ${optimizer.name} does not optimise noise maps.`,
      {
        hint: 'Use optimizer: adam(), or leave the noise maps as they are.',
      },
    );
  }
  optimizer.check?.(problem);
}
