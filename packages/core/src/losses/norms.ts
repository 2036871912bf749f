import * as tf from '@tensorflow/tfjs-core';

/**
 * How the distance d of two latents is measured.
 * - `l2`: the norm `√(Σd² + 1e-12)`, as published with the original program; the constant keeps the gradient finite at 0.
 * - `original`: `Σ√(d² + 1e-6)`, the smoothed l1 norm in the code of the original program.
 */
export type LatentNorm = 'l2' | 'original';

/** Distances `[batch]` between latents `[batch, numWs, wDim]` of equal or broadcastable shapes. */
export function latentDistance(a: tf.Tensor, b: tf.Tensor, norm: LatentNorm): tf.Tensor {
  const squares = tf.square(tf.sub(a, b));
  return norm === 'l2'
    ? tf.sqrt(tf.add(tf.sum(squares, [1, 2]), 1e-12))
    : tf.sum(tf.sqrt(tf.add(squares, 1e-6)), [1, 2]);
}
