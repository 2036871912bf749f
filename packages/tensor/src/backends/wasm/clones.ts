import * as tf from '@tensorflow/tfjs-core';

/**
 * Makes clones share data on tfjs' WASM backend, as on all others, by replacing its `Identity` kernel in the global
 * registry. The original copies the data, and tfjs clones every activation that a gradient needs.
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
