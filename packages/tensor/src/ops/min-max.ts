import * as tf from '@tensorflow/tfjs-core';
import { customOp } from '../autodiff/custom-op';

/**
 * Scales x to 0..1: (x - min) / (max - min) over all its values. Any shape; differentiable, also through min and max.
 *
 * Values that tie for an extreme share its gradient evenly, as with PyTorch's full-tensor `min()` and `max()`; tfjs would
 * give each the whole. A constant x gives zeros.
 */
export function minMaxNormalize<T extends tf.Tensor>(x: T): T {
  return customOp<T>([x], () => {
    const shifted = tf.sub(x, tf.min(x));
    const range = tf.maximum(tf.max(shifted), 1e-12);
    const value = tf.div(shifted, range) as T;
    return {
      value,
      saved: [value, range],
      backward: (dy, [value, range]) => tf.add(tf.div(dy, range!), extremes(dy, value!, range!)),
    };
  });
}

/** The gradient through maximum and minimum, in the values that attain them. */
function extremes(dy: tf.Tensor, y: tf.Tensor, range: tf.Tensor): tf.Tensor {
  const atMax = tf.cast(tf.equal(y, tf.max(y)), 'float32');
  const atMin = tf.cast(tf.equal(y, 0), 'float32');
  const toMax = tf.neg(tf.sum(tf.mul(dy, y)));
  const toMin = tf.sum(tf.mul(dy, tf.sub(y, 1)));
  const share = (gradient: tf.Tensor, ties: tf.Tensor) =>
    tf.mul(ties, tf.div(gradient, tf.mul(tf.sum(ties), range)));
  return tf.add(share(toMax, atMax), share(toMin, atMin));
}
