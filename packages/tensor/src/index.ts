/**
 * What TensorFlow.js lacks for frozen networks: convolutions with constant weights, FIR and polyphase filters, fused
 * kernels, gradients, recorded programs, numpy's random numbers, and the contract of tensor backends.
 *
 * @module @faceanim/tensor
 */
import './dispose-symbols';
import './autodiff/gradients';

export * from './autodiff/custom-op';
export * from './autodiff/recompute';
export * from './autodiff/tape';
export * from './autodiff/value-and-gradients';
export * from './backends';
export * from './errors';
export * from './files/dtypes';
export * from './files/safetensors';
export * from './files/weights';
export * from './images/fit';
export * from './images/image-tensor';
export * from './images/minmax';
export * from './images/ranges';
export * from './images/resize';
export { registerWebgpuKernels } from './kernels/webgpu';
export * from './memory/named-tensors';
export * from './memory/read';
export * from './memory/tensor-bag';
export * from './memory/tensor-tree';
export * from './memory/tidy';
export * from './ops/adam-update';
export * from './ops/channel-sums';
export * from './ops/concat-channels';
export * from './ops/demodulation';
export * from './ops/dense';
export * from './ops/fir';
export * from './ops/frozen-conv';
export * from './ops/fused-kernel';
export * from './ops/max-pool';
export * from './ops/noisy-activation';
export * from './ops/pointwise';
export * from './ops/polyphase-filter';
export * from './ops/preactivated-conv';
export * from './ops/resample2';
export * from './ops/soft-argmax';
export * from './ops/unit-channels';
export * from './ops/unit-distance';
export * from './ops/weighted-mean-square';
export * from './ops/weighted-square-distance';
export * from './pause';
export * from './programs/eager-program';
export * from './programs/step-program';
export * from './rng';
export * from './sha256';
export * from './time-left';
