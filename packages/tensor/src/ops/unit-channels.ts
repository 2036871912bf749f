import * as tf from '@tensorflow/tfjs-core';
import { customOp } from '../autodiff/custom-op';

/**
 * Normalises the channels of every pixel to length 1: x / (√Σx² + ε), x `[N, H, W, C]`. Differentiable, also where all
 * channels are 0: there the derivative of the root counts as 0.
 */
export function unitChannels(x: tf.Tensor4D, epsilon: number): tf.Tensor4D {
  return customOp([x], () => {
    const length = tf.sqrt(tf.sum(tf.square(x), 3, true));
    const inverse = tf.reciprocal(tf.add(length, epsilon));
    const y = tf.mul(x, inverse) as tf.Tensor4D;
    return {
      value: y,
      saved: [y, length, inverse],
      backward: (dy, [y, length, inverse]) => {
        const radial = tf.sum(tf.mul(dy, y!), 3, true);
        // (length + epsilon) / length. At length 0, y is 0 and any finite value will do.
        const ratio = tf.reciprocal(tf.mul(inverse!, tf.add(length!, 1e-20)));
        return tf.mul(tf.sub(dy, tf.mul(y!, tf.mul(radial, ratio))), inverse!);
      },
    };
  });
}
