import * as tf from '@tensorflow/tfjs-core';
import { mapTree } from '../programs/tensor-tree';

/** `tf.tidy` for functions that return tensors inside readonly objects, which the type of `tf.tidy` rejects. */
export function tidyAll<T>(compute: () => T): T {
  return tf.tidy(compute as () => tf.TensorContainer) as T;
}

/**
 * Runs a function in `tf.tidy` and keeps the tensors of its result: no other tidy disposes them.
 *
 * @returns the result, and those of its tensors that the function created, for the caller to dispose. Tensors that the
 *   function only passes on keep their owner.
 */
export function tidyKept<T extends tf.TensorContainer>(compute: () => T): { value: T; created: tf.Tensor[] } {
  const created: tf.Tensor[] = [];
  const value = tf.tidy(() => {
    const { id } = tf.engine().state.activeScope;
    const result = compute();
    mapTree(result, '', (tensor) => {
      if (tensor.scopeId === id && !tensor.kept) created.push(tf.keep(tensor));
    });
    return result;
  });
  return { value, created };
}
