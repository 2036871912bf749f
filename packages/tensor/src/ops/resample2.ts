import * as tf from '@tensorflow/tfjs-core';
import { customOp } from '../autodiff/custom-op';
import { fusedKernel } from './fused-kernel';

/** Averages blocks of 2x2 pixels: `[N, H, W, C]` to `[N, H / 2, W / 2, C]`, H and W even. Differentiable. */
export function averageBy2(x: tf.Tensor4D): tf.Tensor4D {
  return customOp([x], () => ({
    value: sumBy2(x, 0.25),
    backward: (dy, _, takeAccumulated) => repeat(dy, 0.25, takeAccumulated(0)),
  }));
}

/** Adds `small` `[N, H, W, C]`, every pixel repeated 2x2 times, to x `[N, 2H, 2W, C]`. Differentiable in both. */
export function addRepeatedBy2(x: tf.Tensor4D, small: tf.Tensor4D): tf.Tensor4D {
  return customOp([x, small], () => ({
    value: repeat(small, 1, x),
    backward: (dy) => [dy, sumBy2(dy, 1)],
  }));
}

/** Sums blocks of 2x2 pixels and multiplies by a factor. */
function sumBy2(x: tf.Tensor4D, factor: number): tf.Tensor4D {
  return fusedKernel('faceanim/SumBy2', { x }, { factor }, () => {
    const average = tf.avgPool(x, 2, 2, 'valid');
    return factor === 0.25 ? average : tf.mul(average, 4 * factor);
  });
}

/** Repeats every pixel 2x2 times, multiplies by a factor, and adds an optional addend of that size. */
function repeat(x: tf.Tensor4D, factor: number, addend?: tf.Tensor): tf.Tensor4D {
  return fusedKernel('faceanim/RepeatBy2', { x, ...(addend && { addend }) }, { factor }, () => {
    const repeated = tf.image.resizeNearestNeighbor(x, [2 * x.shape[1], 2 * x.shape[2]]) as tf.Tensor4D;
    const scaled: tf.Tensor4D = factor === 1 ? repeated : tf.mul(repeated, factor);
    return addend ? tf.add(scaled, addend) : scaled;
  });
}
