import * as tf from '@tensorflow/tfjs-core';
import { adamKernels } from './adam';
import { channelSumsKernels } from './channel-sums';
import { channelsKernels } from './channels';
import { type FrozenConvKernelOptions, frozenConvKernel } from './conv/frozen-conv';
import { leakyReluKernels } from './leaky-relu';
import { matrixVectorKernels } from './matrix-vector';
import { maxPoolKernels } from './max-pool';
import { noisyActivationKernels } from './noisy-activation';
import { reluKernels } from './relu';
import { resample2Kernels } from './resample2';
import { scaleChannelsKernel } from './scale-channels';
import { unitDistanceKernels } from './unit-distance';
import { upfirdnKernel } from './upfirdn';
import { weightedSquareDistanceKernels } from './weighted-square-distance';

const kernels: readonly tf.KernelConfig[] = [
  ...adamKernels,
  ...channelSumsKernels,
  ...channelsKernels,
  ...leakyReluKernels,
  ...matrixVectorKernels,
  ...maxPoolKernels,
  ...noisyActivationKernels,
  ...reluKernels,
  ...resample2Kernels,
  scaleChannelsKernel,
  ...unitDistanceKernels,
  upfirdnKernel,
  ...weightedSquareDistanceKernels,
];

/**
 * Registers the SDK's own kernels for tfjs' WebGPU backend, or takes them off again, so that plain tfjs operations are
 * used. Opening a WebGPU backend does it; may be called again.
 */
export function registerWebgpuKernels(use = true, convolution?: FrozenConvKernelOptions): void {
  for (const kernel of [...kernels, frozenConvKernel(convolution)]) {
    const { kernelName, backendName } = kernel;
    if (tf.getKernel(kernelName, backendName)) tf.unregisterKernel(kernelName, backendName);
    if (use) tf.registerKernel(kernel);
  }
}
