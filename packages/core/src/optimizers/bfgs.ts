import * as tf from '@tensorflow/tfjs-core';

/**
 * The BFGS update of inverse Hessians `[batch, n, n]` (Nocedal and Wright, Numerical Optimization, chapter 6):
 * `H + s aᵀ + a sᵀ`, `a = (yHy/sy² + 1/sy) s/2 - Hy/sy`. Matrices whose step met no positive curvature stay as they are.
 *
 * @param s steps, `[batch, n]`.
 * @param y changes of the gradients along the steps, `[batch, n]`.
 */
export function bfgs(inverse: tf.Tensor, s: tf.Tensor, y: tf.Tensor): tf.Tensor {
  const sy = dot(s, y);
  // Below 1e-10 the sign is a rounding error, and 1 / sy² overflows.
  const least = tf.maximum(tf.mul(tf.mul(norm(s), norm(y)), 1e-3), 1e-10);
  const convex = tf.greater(sy, least);
  // 0 leaves the matrix as it is.
  const rho = tf.where(convex, tf.reciprocal(tf.where(convex, sy, tf.onesLike(sy))), tf.zerosLike(sy));
  const hy = times(inverse, y);
  const along = tf.mul(tf.add(tf.mul(tf.square(rho), dot(y, hy)), rho), 0.5);
  const a = tf.sub(tf.mul(s, along), tf.mul(hy, rho));
  const product = tf.matMul(tf.expandDims(s, 2), tf.expandDims(a, 1));
  return tf.add(inverse, tf.add(product, tf.transpose(product, [0, 2, 1])));
}

/** Inner products of vectors `[batch, n]`, as `[batch, 1]`. */
export const dot = (a: tf.Tensor, b: tf.Tensor) => tf.sum(tf.mul(a, b), 1, true);

/** Lengths of vectors `[batch, n]`, as `[batch, 1]`. */
export const norm = (a: tf.Tensor) => tf.sqrt(dot(a, a));

/** Products of matrices `[batch, n, n]` with vectors `[batch, n]`. */
export const times = (matrix: tf.Tensor, vector: tf.Tensor) =>
  tf.squeeze(tf.matMul(matrix, tf.expandDims(vector, 2)), [2]);
