import * as tf from '@tensorflow/tfjs-core';

/**
 * Value and gradients of a scalar function of some tensors. Unlike `tf.valueAndGrads`, a tensor that the function does
 * not depend on gets zeros instead of an error.
 */
export function valueAndGradients(
  f: (...xs: tf.Tensor[]) => tf.Scalar,
  xs: readonly tf.Tensor[],
): { value: tf.Scalar; gradients: tf.Tensor[] } {
  return tf.tidy(() => {
    const { value, grads } = tf.engine().gradients(() => f(...xs), [...xs], undefined, true);
    return { value, gradients: grads.map((gradient, i) => gradient ?? tf.zerosLike(xs[i]!)) };
  });
}
