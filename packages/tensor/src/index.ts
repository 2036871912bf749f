/**
 * What TensorFlow.js lacks to optimise through frozen networks: fast convolutions with constant weights, filters, fused
 * operations, gradients that save memory, recorded programs, and numpy's random numbers. For authors of networks and loss
 * terms; `@faceanim/tensor/backends` is for authors of backends.
 *
 * TensorFlow.js keeps global state: per process or page there is one engine, with one active backend, one table of
 * kernels, one of gradients, and one set of flags. Importing this package registers the gradients of all tfjs operations
 * there, opening a backend registers fused kernels named `faceanim/…`, and every operation runs on the backend that was
 * activated last.
 *
 * @module @faceanim/tensor
 */
import './dispose-symbols';
import './autodiff/register-gradients';

// Gradients.
export { checkpointed } from './autodiff/activation-checkpointing';
export { type CustomOp, customOp, type TakeAccumulated } from './autodiff/custom-op';
export { valueAndGradients } from './autodiff/value-and-gradients';
// Backends and programs.
export type { Backend, BackendCapabilities, BackendName } from './backends/backend';
// Errors, long calls, random numbers.
export {
  FaceanimError,
  type FaceanimErrorCode,
  type FaceanimErrorOptions,
  hintOnAbort,
  invalidOption,
  throwIfAborted,
} from './errors';
// Tensors in memory, images, and files of weights.
export {
  asImageTensor,
  type ImageTensor,
  type Range,
  toByte,
  toSigned,
  toUnit,
} from './images/image-tensor';
export { fitTo, type ResizeMode, resize, shrinkTo } from './images/resize';
export { read, readAll } from './memory/read';
export { TensorBag } from './memory/tensor-bag';
export { tidyAll, tidyKept } from './memory/tidy';
// Other operations.
export { type AdamStepOptions, adamMoment, adamStep } from './ops/adam';
export { affine } from './ops/affine';
export { clampSymmetric } from './ops/clamp';
export { concatChannels, joinChannels } from './ops/concat-channels';
// Convolutions and filters.
export { FrozenConv, type FrozenConvOptions } from './ops/conv/frozen-conv';
export { type BackwardOptions, PreactivatedConv } from './ops/conv/preactivated-conv';
export { demodulation } from './ops/demodulation';
export { dense } from './ops/dense';
export { findPeaks, type PeakOptions } from './ops/find-peaks';
export { FirFilter } from './ops/fir-filter';
export { fusedKernel } from './ops/fused-kernel';
export { type LeakyReluOptions, leakyRelu } from './ops/leaky-relu';
export { type MaxPoolOptions, maxPool } from './ops/max-pool';
export { minMaxNormalize } from './ops/min-max';
export { type ActivationNoise, noisyActivation } from './ops/noisy-activation';
export { bytesOf, packBytes } from './ops/pack-bytes';
export {
  type Arithmetic,
  type Formula,
  type PointwiseInput,
  pointwise,
  type RowView,
  rowOf,
  uprightRowOf,
} from './ops/pointwise';
export { type FilterTaps, PolyphaseFilter } from './ops/polyphase-filter';
export { repeatRows } from './ops/repeat-rows';
export { addRepeatedBy2, averageBy2 } from './ops/resample2';
export { scaleChannels } from './ops/scale-channels';
export { shiftPixels } from './ops/shift-pixels';
export { softArgmax } from './ops/soft-argmax';
export { unitChannels } from './ops/unit-channels';
export { unitDistance } from './ops/unit-distance';
export { weightedMeanSquare } from './ops/weighted-mean-square';
export { weightedSquareDistance } from './ops/weighted-square-distance';
export { pause } from './pause';
export { eagerProgram } from './programs/eager-program';
export { addPrefix, mapTensors, takePrefix } from './programs/named-tensors';
export type { StepFunction, StepProgram } from './programs/step-program';
export { mapTree } from './programs/tensor-tree';
export { type RandomState, randomState, randomStream } from './rng';
export { DTYPE_BYTES, type Dtype, toFloat32 } from './serialization/dtypes';
export type { HostTensor, Weights } from './serialization/host-tensor';
export {
  decodeSafetensors,
  encodeSafetensors,
  parseSafetensorsHeader,
  type SafetensorsEntry,
  type SafetensorsHeader,
  type SafetensorsInput,
  safetensorsDataStart,
  safetensorsHeader,
} from './serialization/safetensors';
export { sha256 } from './sha256';
export { type Progress, type TimeLeft, timeLeft } from './time-left';
