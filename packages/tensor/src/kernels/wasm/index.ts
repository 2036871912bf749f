import type * as tf from '@tensorflow/tfjs-core';
import { registerKernels } from '../register-kernels';
import { activationKernels } from './activations';
import { channelKernels } from './channels';
import { convKernels } from './conv/frozen-conv';
import { denseKernels } from './dense';
import { maxPoolKernels } from './max-pool';
import { resample2Kernels } from './resample2';
import { unitDistanceKernels } from './unit-distance';
import { weightedSquareDistanceKernels } from './weighted-square-distance';

const kernels: readonly tf.KernelConfig[] = [
  ...activationKernels,
  ...channelKernels,
  ...convKernels,
  ...denseKernels,
  ...maxPoolKernels,
  ...resample2Kernels,
  ...unitDistanceKernels,
  ...weightedSquareDistanceKernels,
];

/** Registers the fused kernels for tfjs' WASM backend, in tfjs' global registry, or unregisters them if not `use`. */
export function registerWasmKernels(use: boolean): void {
  registerKernels(kernels, use);
}
