import * as tf from '@tensorflow/tfjs-core';

/**
 * Lets a clone share the data of its tensor on tfjs' WASM backend, as on all others. Its own kernel copies, and every
 * activation that a gradient needs is kept as a clone.
 */
export function shareWasmClones(): void {
  const registered = tf.getKernel(tf.Identity, 'wasm');
  if (registered.kernelFunc === identity) return;
  tf.unregisterKernel(tf.Identity, 'wasm');
  tf.registerKernel({ ...registered, kernelFunc: identity });
}

const identity: tf.KernelFunc = ({ inputs, backend }) => {
  const { dataId, shape, dtype } = inputs.x as tf.TensorInfo;
  (backend as tf.KernelBackend).incRef(dataId);
  return { dataId, shape, dtype };
};
