import type * as tf from '@tensorflow/tfjs-core';

/** A kernel for tfjs' WebGPU backend, under a name that `fusedKernel` looks up. */
export function webgpuKernel<Input extends string, Attributes = object>(
  kernelName: string,
  run: (inputs: Record<Input, tf.TensorInfo>, attributes: Attributes) => tf.TensorInfo,
): tf.KernelConfig {
  return {
    kernelName,
    backendName: 'webgpu',
    kernelFunc: ({ inputs, attrs }) =>
      run(inputs as Record<Input, tf.TensorInfo>, attrs as unknown as Attributes),
  };
}
