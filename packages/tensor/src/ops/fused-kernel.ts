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

/**
 * For kernels that take many inputs or attributes, with those that they do not know: none. To add one to their type is an
 * error of the compiler in every kernel that would ignore it.
 *
 * @throws Error if there are some all the same, from another version of the package
 */
export function nothingElse(unknown: Readonly<Record<string, never>>): void {
  const names = Object.keys(unknown);
  if (names.length > 0) throw new Error(`A fused kernel does not know ${names.join(', ')}`);
}

/** Whether the active backend has a kernel of that name. */
export function hasFusedKernel(name: string): boolean {
  return tf.getKernel(name, tf.getBackend()) !== undefined;
}
