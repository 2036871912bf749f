import * as tf from '@tensorflow/tfjs-core';
import { customOp } from '../autodiff/custom-op';

/**
 * (x - min) / (max - min) over all values of x, 0..1; any shape. Minimum and maximum take part in the gradient.
 *
 * Where several values share an extreme they share its gradient evenly, as PyTorch's full-tensor `min()` and
 * `max()` do; tfjs would give each of them the whole. A constant x gives zeros.
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

/** What flows back through maximum and minimum to the values that attain them. */
function extremes(dy: tf.Tensor, y: tf.Tensor, range: tf.Tensor): tf.Tensor {
  const atMax = tf.cast(tf.equal(y, tf.max(y)), 'float32');
  const atMin = tf.cast(tf.equal(y, 0), 'float32');
  const toMax = tf.neg(tf.sum(tf.mul(dy, y)));
  const toMin = tf.sum(tf.mul(dy, tf.sub(y, 1)));
  const share = (flow: tf.Tensor, ties: tf.Tensor) => tf.mul(ties, tf.div(flow, tf.mul(tf.sum(ties), range)));
  return tf.add(share(toMax, atMax), share(toMin, atMin));
}
