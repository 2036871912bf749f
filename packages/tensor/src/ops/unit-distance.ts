import * as tf from '@tensorflow/tfjs-core';
import { customOp } from '../autodiff/custom-op';
import { hasFusedKernel } from './fused-kernel';
import { unitChannels } from './unit-channels';
import { weightedMeanSquare } from './weighted-mean-square';

/**
 * A layer of LPIPS (Zhang et al. 2018, arXiv 1801.03924): the channels of every pixel brought to length 1, squared
 * difference to a target, weighted and summed over channels, averaged over pixels; `[N]`, differentiable in x. The same
 * as {@link weightedMeanSquare} of the difference to {@link unitChannels}, which is what runs without a fused kernel.
 *
 * @param x activations `[N, H, W, C]`
 * @param target features of length 1, constant, `[N or 1, H, W, C]`
 * @param weights constant, `[C, 1]`
 * @param epsilon added to the length by which activations are divided
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
