import * as tf from '@tensorflow/tfjs-core';
import { differentiate } from './tape';

/**
 * The value of a function of tensors and its gradients in each of them. Unlike `tf.valueAndGrads`, it returns zeros for
 * an input that the value does not depend on, instead of throwing.
 *
 * @param dy upstream gradient, of the shape of the value. Default all 1.
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
