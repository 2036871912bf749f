import * as tf from '@tensorflow/tfjs-core';
import { customOp } from '../autodiff/custom-op';

/** Clips to ±limit. Any shape. The gradient is 0 at and beyond the limit. */
export function clampSymmetric<T extends tf.Tensor>(x: T, limit: number): T {
  return customOp<T>([x], () => {
    const value = tf.clipByValue(x, -limit, limit);
    return { value, saved: [value], backward: (dy, [value]) => tf.mul(dy, insideClamp(value!, limit)) };
  });
}

/** 1 where |value| < limit, else 0. */
export function insideClamp(value: tf.Tensor, limit: number): tf.Tensor {
  return tf.step(tf.sub(limit, tf.abs(value)));
}
