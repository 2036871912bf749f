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
  return tf.getKernel(name, tf.getBackend())
    ? (tf.engine().runKernel(name, inputs, attributes) as T)
    : plain();
}
