import type * as tf from '@tensorflow/tfjs-core';
import { registerKernels } from '../register-kernels';
import { adamKernels } from './adam';
import { channelSumsKernels } from './channel-sums';
import { concatChannelsKernels } from './concat-channels';
import { type FrozenConvKernelOptions, frozenConvKernel } from './conv/frozen-conv';
import { packFilterKernel } from './conv/pack-filter';
import { findPeaksKernel } from './find-peaks';
import { leakyReluKernels } from './leaky-relu';
import { matrixVectorKernels } from './matrix-vector';
import { maxPoolKernels } from './max-pool';
import { noisyActivationKernels } from './noisy-activation';
import { packBytesKernel } from './pack-bytes';
import { pointwiseKernel } from './pointwise';
import { reluKernels } from './relu';
import { resample2Kernels } from './resample2';
import { scaleChannelsKernel } from './scale-channels';
import { shiftPixelsKernel } from './shift-pixels';
import { softArgmaxKernels } from './soft-argmax';
import { unitDistanceKernels } from './unit-distance';
import { upfirdnKernel } from './upfirdn';
import { weightedSquareDistanceKernels } from './weighted-square-distance';

const kernels: readonly tf.KernelConfig[] = [
  ...adamKernels,
  ...channelSumsKernels,
  ...concatChannelsKernels,
  findPeaksKernel,
  ...leakyReluKernels,
  ...matrixVectorKernels,
  ...maxPoolKernels,
  ...noisyActivationKernels,
  packBytesKernel,
  pointwiseKernel,
  ...reluKernels,
  ...resample2Kernels,
  shiftPixelsKernel,
  scaleChannelsKernel,
  ...softArgmaxKernels,
  ...unitDistanceKernels,
  upfirdnKernel,
  ...weightedSquareDistanceKernels,
];

/** Registers the fused kernels for tfjs' WebGPU backend, in tfjs' global registry, or unregisters them if not `use`. */
export function registerWebgpuKernels(use = true, convolution?: FrozenConvKernelOptions): void {
  const byTiles = convolution?.leastSaved !== undefined;
  registerKernels([...kernels, packFilterKernel(byTiles), frozenConvKernel(convolution)], use);
}
