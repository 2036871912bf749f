import type * as tf from '@tensorflow/tfjs-core';
import { registerKernels } from '../register-kernels';
import { adamKernels } from './adam';
import { channelSumsKernels } from './channel-sums';
import { concatChannelsKernels } from './concat-channels';
import { type FrozenConvKernelOptions, frozenConvKernel } from './conv/frozen-conv';
import { leakyReluKernels } from './leaky-relu';
import { matrixVectorKernels } from './matrix-vector';
import { maxPoolKernels } from './max-pool';
import { noisyActivationKernels } from './noisy-activation';
import { pointwiseKernel } from './pointwise';
import { reluKernels } from './relu';
import { resample2Kernels } from './resample2';
import { scaleChannelsKernel } from './scale-channels';
import { softArgmaxKernels } from './soft-argmax';
import { unitDistanceKernels } from './unit-distance';
import { upfirdnKernel } from './upfirdn';
import { weightedSquareDistanceKernels } from './weighted-square-distance';

const kernels: readonly tf.KernelConfig[] = [
  ...adamKernels,
  ...channelSumsKernels,
  ...concatChannelsKernels,
  ...leakyReluKernels,
  ...matrixVectorKernels,
  ...maxPoolKernels,
  ...noisyActivationKernels,
  pointwiseKernel,
  ...reluKernels,
  ...resample2Kernels,
  scaleChannelsKernel,
  ...softArgmaxKernels,
  ...unitDistanceKernels,
  upfirdnKernel,
  ...weightedSquareDistanceKernels,
];

/** Registers the fused kernels for tfjs' WebGPU backend, in tfjs' global registry, or unregisters them if not `use`. */
export function registerWebgpuKernels(use = true, convolution?: FrozenConvKernelOptions): void {
  registerKernels([...kernels, frozenConvKernel(convolution)], use);
}
