import * as tf from '@tensorflow/tfjs-core';

/**
 * Runs the kernel that the active backend has registered under `name`, or else `plain`, which computes the same with
 * ordinary tfjs operations. A backend gets a fused kernel by registering it (`tf.registerKernel`); nothing else changes.
 * Not differentiable: use it inside `customOp`.
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
 * Asserts that a kernel has no inputs or attributes left that it does not handle. Since its parameter admits none, adding
 * one to the type of the inputs is a compile error in every kernel that would ignore it.
 *
 * @throws Error if there are some nevertheless, from another version of the package
 */
export function nothingElse(unknown: Readonly<Record<string, never>>): void {
  const names = Object.keys(unknown);
  if (names.length > 0) throw new Error(`A fused kernel does not handle ${names.join(', ')}`);
}

/** Whether the active backend has a kernel of this name. */
export function hasFusedKernel(name: string): boolean {
  return tf.getKernel(name, tf.getBackend()) !== undefined;
}
