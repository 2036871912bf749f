import * as tf from '@tensorflow/tfjs-core';

/** `tf.tidy` for functions that return tensors inside readonly objects, which the type of `tf.tidy` rejects. */
export function tidyAll<T>(compute: () => T): T {
  return tf.tidy(compute as () => tf.TensorContainer) as T;
}
