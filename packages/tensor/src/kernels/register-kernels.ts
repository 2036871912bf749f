import * as tf from '@tensorflow/tfjs-core';

/** Registers kernels in tfjs' global registry, replacing those of the same name, or unregisters them if not `use`. */
export function registerKernels(kernels: readonly tf.KernelConfig[], use: boolean): void {
  for (const kernel of kernels) {
    const { kernelName, backendName } = kernel;
    if (tf.getKernel(kernelName, backendName)) tf.unregisterKernel(kernelName, backendName);
    if (use) tf.registerKernel(kernel);
  }
}
