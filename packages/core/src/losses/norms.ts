import * as tf from '@tensorflow/tfjs-core';

/**
 * How the distance of two latents is measured.
 * - `l2`: the norm `√Σd²` of the formulas; a term of 1e-12 under the root keeps the gradient finite at d = 0.
 * - `original`: `Σ√(d² + 1e-6)`, the smoothed l1 norm that the original program computes.
 */
export type LatentNorm = 'l2' | 'original';

/** Distances `[batch]` of latents `[batch, numWs, wDim]` of equal (or broadcastable) shape. */
export function latentDistance(a: tf.Tensor, b: tf.Tensor, norm: LatentNorm): tf.Tensor {
  const squares = tf.square(tf.sub(a, b));
  return norm === 'l2'
    ? tf.sqrt(tf.add(tf.sum(squares, [1, 2]), 1e-12))
    : tf.sum(tf.sqrt(tf.add(squares, 1e-6)), [1, 2]);
}
