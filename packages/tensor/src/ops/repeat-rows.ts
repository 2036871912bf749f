import * as tf from '@tensorflow/tfjs-core';
import { customOp } from '../autodiff/custom-op';

/**
 * Repeats the rows of x `[N, rows, C]`, to `[N, copies · rows, C]`. Differentiable.
 *
 * The gradient of tf.tile takes two operations per copy; this one sums the copies at once.
 */
export function repeatRows(x: tf.Tensor3D, copies: number): tf.Tensor3D {
  if (copies === 1) return x;
  const [n, rows, channels] = x.shape;
  return customOp([x], () => ({
    value: tf.tile(x, [1, copies, 1]),
    backward: (dy) => tf.reshape(tf.sum(tf.reshape(dy, [n, copies, rows * channels]), 1), x.shape),
  }));
}
