import * as tf from '@tensorflow/tfjs-core';
import { customOp } from '../autodiff/custom-op';
import { hasFusedKernel } from './fused-kernel';
import { unitChannels } from './unit-channels';
import { weightedMeanSquare } from './weighted-mean-square';

/**
 * The distance of one LPIPS layer (Zhang et al. 2018, arXiv 1801.03924): normalises the channels of every pixel to length
 * 1, takes squared differences to a target, sums them over channels with weights and averages over pixels. `[N]`,
 * differentiable in x.
 *
 * The same as {@link weightedMeanSquare} of {@link unitChannels} minus the target, which runs if there is no fused kernel.
 *
 * @param x activations `[N, H, W, C]`
 * @param target normalised features, constant, `[N or 1, H, W, C]`
 * @param weights constant, `[C, 1]`
 * @param epsilon added to the length before dividing by it
 */
export function unitDistance(
  x: tf.Tensor4D,
  target: tf.Tensor4D,
  weights: tf.Tensor2D,
  epsilon: number,
): tf.Tensor1D {
  if (!hasFusedKernel('faceanim/UnitDistance')) {
    return weightedMeanSquare(tf.sub(unitChannels(x, epsilon), target), weights);
  }
  const run = (name: string, inputs: tf.NamedTensorMap): tf.Tensor =>
    tf.engine().runKernel(name, inputs, { epsilon });
  return customOp([x], () => ({
    value: run('faceanim/UnitDistance', { x, target, weights }) as tf.Tensor1D,
    saved: [x, target],
    backward: (dy, [x, target]) =>
      run('faceanim/UnitDistanceGradient', { dy, x: x!, target: target!, weights }),
  }));
}
