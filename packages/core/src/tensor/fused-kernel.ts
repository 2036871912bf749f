import * as tf from '@tensorflow/tfjs-core';

/**
 * Runs an operation by the kernel that the active backend has registered for it under `name`, and by `plain`, plain tfjs,
 * where it has none. A backend gains a fused kernel by registering it (`tf.registerKernel`), without a change elsewhere.
 */
export function fusedKernel<T extends tf.Tensor | tf.Tensor[]>(
  name: string,
  inputs: tf.NamedTensorMap,
  attributes: tf.NamedAttrMap,
  plain: () => T,
): T {
  return hasFusedKernel(name) ? (tf.engine().runKernel(name, inputs, attributes) as T) : plain();
}

/** Whether the active backend has a kernel of that name. */
export function hasFusedKernel(name: string): boolean {
  return tf.getKernel(name, tf.getBackend()) !== undefined;
}
