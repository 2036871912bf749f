import * as tf from '@tensorflow/tfjs-core';

/**
 * How the distance of two latents is measured.
 * - `l2`: the norm `√Σd²` of the formulas; a term of 1e-12 under the root keeps the gradient finite at d = 0.
 * - `repository`: `Σ√(d² + 1e-6)`, the smoothed l1 norm that the original program computes.
 */
export type LatentNorm = 'l2' | 'repository';

/** Distance of two latents of equal (or broadcastable) shape, a scalar. */
export function latentDistance(a: tf.Tensor, b: tf.Tensor, norm: LatentNorm): tf.Scalar {
  const squares = tf.square(tf.sub(a, b));
  return norm === 'l2'
    ? tf.sqrt(tf.add<tf.Scalar>(tf.sum(squares), 1e-12))
    : tf.sum(tf.sqrt(tf.add(squares, 1e-6)));
}
