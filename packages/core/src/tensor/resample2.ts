import * as tf from '@tensorflow/tfjs-core';
import { customOp } from './custom-op';

const average = (x: tf.Tensor4D) => tf.avgPool(x, 2, 2, 'valid');
const repeat = (x: tf.Tensor4D) =>
  tf.image.resizeNearestNeighbor(x, [2 * x.shape[1], 2 * x.shape[2]]) as tf.Tensor4D;

/** Averages 2x2 pixels, `[N, H, W, C]` to `[N, H / 2, W / 2, C]`, H and W even; differentiable. */
export function averageBy2(x: tf.Tensor4D): tf.Tensor4D {
  return customOp([x], () => ({ value: average(x), backward: (dy) => tf.mul(repeat(dy), 0.25) }));
}

/** Repeats every pixel 2x2 times, `[N, H, W, C]` to `[N, 2H, 2W, C]`; differentiable. */
export function repeatBy2(x: tf.Tensor4D): tf.Tensor4D {
  return customOp([x], () => ({ value: repeat(x), backward: (dy) => tf.mul(average(dy), 4) }));
}
