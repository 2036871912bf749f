import * as tf from '@tensorflow/tfjs-core';
import { activationKernels } from './activations';
import { channelKernels } from './channels';

/** Registers the fused kernels for tfjs' WASM backend, in tfjs' global registry, or unregisters them if not `use`. */
export function registerWasmKernels(use: boolean): void {
  for (const kernel of [...activationKernels, ...channelKernels]) {
    const { kernelName, backendName } = kernel;
    if (tf.getKernel(kernelName, backendName)) tf.unregisterKernel(kernelName, backendName);
    if (use) tf.registerKernel(kernel);
  }
}
