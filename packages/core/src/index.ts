/**
 * Face animations without training: for every frame of a driver, the latent of a frozen face generator whose image
 * keeps a look and takes over the driver's landmarks.
 *
 * @packageDocumentation
 */
import './dispose-symbols';
import './tensor/gradients';

export * from './backends';
export * from './contracts';
export * from './errors';
export { registerWebgpuKernels } from './kernels/webgpu';
export * from './landmarks/decode';
export * from './landmarks/decode-subpixel';
export * from './landmarks/detect';
export * from './landmarks/draw';
export * from './landmarks/ffhq-quad';
export * from './landmarks/groups';
export * from './landmarks/landmark-input';
export * from './landmarks/locate';
export * from './landmarks/measures';
export * from './landmarks/prepare-look';
export * from './landmarks/track';
export * from './media/image-tensors';
export * from './media/quad';
export * from './media/rgba';
export * from './media/warp';
export * from './optim/adam';
export * from './optim/latent-space';
export type { LatentStepOptions, LatentStepState, OptimizerName } from './optim/latent-step';
export * from './optim/objective';
export * from './optim/optimize-latents';
export * from './optim/quasi-newton';
export * from './optim/schedules';
export * from './optim/statistics';
export * from './optim/step-programs';
export * from './pause';
export * from './reference/reference-mode';
export * from './safetensors';
export * from './sequence/defaults';
export * from './sequence/frame-file';
export * from './sequence/interpolate';
export type { LatentSource } from './sequence/latent-source';
export * from './sequence/presets';
export * from './sequence/project-sequence';
export * from './sequence/render';
export * from './sha256';
export * from './tensor/adam-update';
export * from './tensor/channel-sums';
export * from './tensor/concat-channels';
export * from './tensor/custom-op';
export * from './tensor/demodulation';
export * from './tensor/dense';
export * from './tensor/eager-program';
export * from './tensor/fir';
export * from './tensor/fit';
export * from './tensor/frozen-conv';
export * from './tensor/fused-kernel';
export * from './tensor/max-pool';
export * from './tensor/minmax';
export * from './tensor/named-tensors';
export * from './tensor/noise';
export * from './tensor/noisy-activation';
export * from './tensor/pointwise';
export * from './tensor/polyphase-filter';
export * from './tensor/preactivated-conv';
export * from './tensor/ranges';
export * from './tensor/recompute';
export * from './tensor/resample2';
export * from './tensor/resize';
export * from './tensor/rng';
export * from './tensor/tidy';
export * from './tensor/unit-channels';
export * from './tensor/unit-distance';
export * from './tensor/value-and-gradients';
export * from './tensor/weighted-mean-square';
export * from './tensor/weighted-square-distance';
export * from './time-left';
