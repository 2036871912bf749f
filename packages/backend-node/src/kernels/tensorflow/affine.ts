import * as tf from '@tensorflow/tfjs-core';
import { addBias, type NativeBackend } from './native';

/** Floats up to which two broadcasts take less time than a batch norm, which takes at least 70 µs. */
const small = 2 ** 17;

/** x · scale + shift by channel, x `[N, H, W, C]`, scale and shift `[C]`. */
export function affine(
  backend: NativeBackend,
  x: tf.Tensor,
  scale: tf.Tensor,
  shift: tf.Tensor,
): tf.Tensor4D {
  if (x.size <= small) return addBias(backend, tf.mul(x, scale) as tf.Tensor4D, shift);
  return batchNorm(backend, x, scale, shift);
}

/** x · scale by channel. */
export function scaleByChannel(backend: NativeBackend, x: tf.Tensor, scale: tf.Tensor): tf.Tensor4D {
  if (x.size <= small) return tf.mul(x, scale);
  return batchNorm(backend, x, scale, standardStatistics(backend, x.shape.at(-1)!).mean);
}

/**
 * The affine map as TensorFlow's batch norm with fixed statistics, in one pass. Broadcasts of few channels over large images
 * take four times as long.
 */
function batchNorm(
  backend: NativeBackend,
  x: tf.Tensor,
  scale: tf.TensorInfo,
  shift: tf.TensorInfo,
): tf.Tensor4D {
  const { TF_ATTR_TYPE, TF_ATTR_FLOAT, TF_ATTR_STRING, TF_ATTR_BOOL, TF_FLOAT } = backend.binding;
  const attributes = [
    { name: 'T', type: TF_ATTR_TYPE, value: TF_FLOAT },
    { name: 'U', type: TF_ATTR_TYPE, value: TF_FLOAT },
    // Negligible beside the variance, 1.
    { name: 'epsilon', type: TF_ATTR_FLOAT, value: 1e-12 },
    { name: 'data_format', type: TF_ATTR_STRING, value: 'NHWC' },
    { name: 'is_training', type: TF_ATTR_BOOL, value: false },
  ];
  const { mean, variance } = standardStatistics(backend, x.shape.at(-1)!);
  const inputs = [x, scale, shift, mean, variance];
  const [y] = backend.executeMultipleOutputs('FusedBatchNormV3', attributes, inputs, 6) as tf.Tensor4D[];
  return y!;
}

interface Statistics {
  readonly mean: tf.TensorInfo;
  readonly variance: tf.TensorInfo;
}

const known = new WeakMap<NativeBackend, Map<number, Statistics>>();

/** Zeros and ones `[channels]`, which live as long as the backend and do not count as tensors in tfjs. */
function standardStatistics(backend: NativeBackend, channels: number): Statistics {
  const ofBackend = known.get(backend) ?? new Map<number, Statistics>();
  known.set(backend, ofBackend);
  const constant = (value: number): tf.TensorInfo => {
    const values = new Float32Array(channels).fill(value);
    const shape = [channels];
    return { dataId: backend.write(values, shape, 'float32'), shape, dtype: 'float32' };
  };
  const statistics = ofBackend.get(channels) ?? { mean: constant(0), variance: constant(1) };
  ofBackend.set(channels, statistics);
  return statistics;
}
