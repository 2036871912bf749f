import * as tf from '@tensorflow/tfjs-core';
import { customOp } from '../autodiff/custom-op';

/**
 * Mean over pixels of the weighted sum of squared channels: x `[N, H, W, C]`, weights `[C, 1]`, to `[N]`. Differentiable
 * in x.
 */
export function weightedMeanSquare(x: tf.Tensor4D, weights: tf.Tensor2D): tf.Tensor1D {
  const [n, height, width, channels] = x.shape;
  const pixels = height * width;
  return customOp([x], () => {
    const squares = tf.reshape(tf.square(x), [n * pixels, channels]);
    const sums = tf.reshape(tf.matMul(squares as tf.Tensor2D, weights), [n, pixels]);
    return {
      value: tf.mean(sums, 1) as tf.Tensor1D,
      saved: [x],
      backward: (dy, [x]) => {
        const factors = tf.mul(tf.reshape(dy, [n, 1, 1, 1]), tf.reshape(weights, [1, 1, 1, channels]));
        return tf.mul(x!, tf.mul(factors, 2 / pixels));
      },
    };
  });
}
