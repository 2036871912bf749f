import * as tf from '@tensorflow/tfjs-core';
import { differentiate } from './tape';

/**
 * Value and gradients of a function of some tensors. Unlike with `tf.valueAndGrads`, a tensor that the function does not
 * depend on gets zeros instead of an error.
 *
 * @param dy what each element of the value counts in the gradient, of the value's shape. Default 1 for all.
 */
export function valueAndGradients<T extends tf.Tensor>(
  f: (...xs: tf.Tensor[]) => T,
  xs: readonly tf.Tensor[],
  dy?: T,
): { value: T; gradients: tf.Tensor[] } {
  return tf.tidy(() => {
    const { value, gradients } = differentiate(f, xs, dy);
    return { value, gradients: gradients.map((gradient, i) => gradient ?? tf.zerosLike(xs[i]!)) };
  });
}
