import * as tf from '@tensorflow/tfjs-core';
import { customOp } from '../autodiff/custom-op';
import { fusedKernel } from './fused-kernel';

/**
 * Squared distance of images, weighted by channel: Σ weight · (a - b)² over pixels and channels, to `[N]`.
 *
 * @param a `[N, H, W, C]`; differentiable
 * @param b constant, `[N or 1, H, W, C]`
 * @param weights constant, `[C]`
 */
export function weightedSquareDistance(a: tf.Tensor4D, b: tf.Tensor4D, weights: tf.Tensor1D): tf.Tensor1D {
  const [n, , , channels] = a.shape;
  return customOp([a], () => {
    const value: tf.Tensor1D = fusedKernel('faceanim/WeightedSquareDistance', { a, b, weights }, {}, () => {
      // As a matrix product, since tf.sum over long axes is slow on WASM.
      const squares = tf.reshape(tf.squaredDifference(a, b), [-1, channels]);
      const sums = tf.matMul(squares as tf.Tensor2D, tf.reshape(weights, [channels, 1]));
      return tf.sum(tf.reshape(sums, [n, -1]), 1) as tf.Tensor1D;
    });
    return {
      value,
      saved: [a, b, weights],
      backward: (dy, saved, takeAccumulated) => {
        const [a, b, weights] = saved as [tf.Tensor4D, tf.Tensor4D, tf.Tensor1D];
        const addend = takeAccumulated(0);
        const inputs = { dy, a, b, weights, ...(addend && { addend }) };
        return fusedKernel('faceanim/WeightedSquareDistanceGradient', inputs, {}, () => {
          const factors = tf.mul(tf.reshape(dy, [n, 1, 1, 1]), tf.mul(weights, 2));
          const da = tf.mul<tf.Tensor4D>(tf.sub(a, b), factors);
          return addend ? tf.add(da, addend) : da;
        });
      },
    };
  });
}
