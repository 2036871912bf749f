import {
  clampSymmetric,
  demodulation,
  FrozenConv,
  type HostTensor,
  leakyRelu,
  PolyphaseFilter,
  scaleChannels,
  type TensorBag,
  type Weights,
} from '@faceanim/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { weightOf } from '../../networks/check-weights';
import { equalizedDense } from '../../stylegan/equalized-dense';
import { scaled } from '../../stylegan/weight-layout';
import { filterEnergy } from '../stylegan2/modulated-conv';
import type { StyleGan3Config, StyleGan3Layer } from './config';

/** One layer: x `[N, inSize, inSize, in]` and w `[N, wDim]` to `[N, size, size, out]`. */
export type SynthesisLayer = (x: tf.Tensor4D, w: tf.Tensor2D) => tf.Tensor4D;

/** A modulated convolution, then a leaky ReLU applied at a higher sampling rate to avoid aliasing. */
export function stylegan3Layer(
  bag: TensorBag,
  weights: Weights,
  config: StyleGan3Config,
  layer: StyleGan3Layer,
): SynthesisLayer {
  const name = `synthesis.${layer.name}`;
  const bias = weightOf(weights, `${name}.bias`).data;
  const shift = bag.constant<tf.Rank.R1>(bias, [bias.length]);
  const { convClamp } = config;
  if (layer.toRgb) {
    const convolve = rgbConvolution(bag, weights, name);
    return (x, w) => {
      const rgb = tf.add(convolve(x, w), shift) as tf.Tensor4D;
      return convClamp === undefined ? rgb : clampSymmetric(rgb, convClamp);
    };
  }
  const convolve = demodulatedConvolution(bag, weights, name);
  const activate = filteredLeakyRelu(bag, weights, config, layer);
  return (x, w) => activate(tf.add(convolve(x, w), shift) as tf.Tensor4D);
}

/**
 * Weights are normalised per output channel, styles over the whole batch: the images of a batch depend on each other.
 * As in StyleGAN2, the style scales the activations instead of the weights.
 */
function demodulatedConvolution(bag: TensorBag, weights: Weights, name: string): SynthesisLayer {
  const style = equalizedDense(bag, weights, `${name}.affine`);
  const weight = normalizeFilters(weightOf(weights, `${name}.weight`));
  const [outputs, inputs] = weight.shape as [number, number];
  const energy = bag.constant<tf.Rank.R2>(filterEnergy(weight), [inputs, outputs]);
  const convolve = convolution(bag, weight, inputGain(weights, name));
  return (x, w) => {
    const raw = style(w);
    const s: tf.Tensor2D = tf.mul(raw, tf.rsqrt(tf.mean(tf.square(raw))));
    return scaleChannels(convolve(scaleChannels(x, s)), demodulation(s, energy, 1));
  };
}

function rgbConvolution(bag: TensorBag, weights: Weights, name: string): SynthesisLayer {
  const weight = weightOf(weights, `${name}.weight`);
  const [, inputs, kernel] = weight.shape as [number, number, number];
  const gain = 1 / Math.sqrt(inputs * kernel * kernel);
  const style = equalizedDense(bag, weights, `${name}.affine`, { gain });
  const convolve = convolution(bag, weight, inputGain(weights, name));
  return (x, w) => convolve(scaleChannels(x, style(w)));
}

/** Brings inputs to magnitude 1, by the magnitude that was tracked in training. */
function inputGain(weights: Weights, name: string): number {
  return 1 / Math.sqrt(weightOf(weights, `${name}.magnitude_ema`).data[0]!);
}

/** A full convolution: the image grows by kernel - 1. */
function convolution(bag: TensorBag, weight: HostTensor, gain: number) {
  const conv = bag.use(new FrozenConv(scaled(weight, gain), { padding: weight.shape[2]! - 1 }));
  return (x: tf.Tensor4D) => conv.apply(x);
}

/** Scales the filters of each output channel to mean square 1. */
function normalizeFilters({ shape, data }: HostTensor): HostTensor {
  const normalized = new Float32Array(data.length);
  const length = data.length / shape[0]!;
  for (let start = 0; start < data.length; start += length) {
    const filters = data.subarray(start, start + length);
    const scale = Math.sqrt(length / filters.reduce((sum, v) => sum + v * v, 0));
    normalized.set(
      filters.map((v) => v * scale),
      start,
    );
  }
  return { shape, data: normalized };
}

/** Up-sampling, leaky ReLU of gain √2, clamp, down-sampling; cuts off the margin that the filters use up. */
function filteredLeakyRelu(
  bag: TensorBag,
  weights: Weights,
  { convClamp }: StyleGan3Config,
  { name, inSize, size, up, down }: StyleGan3Layer,
): (x: tf.Tensor4D) => tf.Tensor4D {
  const [channels, , kernel] = weightOf(weights, `synthesis.${name}.weight`).shape as [
    number,
    number,
    number,
  ];
  const upTaps = weights.get(`synthesis.${name}.up_filter`) ?? identity;
  const downTaps = weights.get(`synthesis.${name}.down_filter`) ?? identity;
  const upSize = upTaps.shape[0]!;
  const downSize = downTaps.shape[0]!;
  // Zeros between the samples lower the brightness by `up` along each axis. Positive factors commute with a leaky
  // ReLU, so its gain is folded into the filter before it.
  const gain = up * Math.sqrt(Math.SQRT2);
  const enlarge = bag.use(new PolyphaseFilter(scaled(upTaps, gain), channels, up));
  const reduce = bag.use(
    new PolyphaseFilter({ shape: downTaps.shape, data: downTaps.data.slice().reverse() }, channels, down),
  );
  const between = (size - 1) * down + downSize;
  // Padding of the up-sampled image, half of it on each side, that leaves `size` pixels in the end.
  const margin = between - (inSize + kernel - 1) * up + upSize - 1;
  const before = upSize - 1 - Math.floor((margin + up) / 2);
  return (x) =>
    reduce.downsample(leakyRelu(enlarge.upsample(x, between, before), { clamp: convClamp }), size);
}

/** The filter at factor 1. */
const identity: HostTensor = { shape: [1], data: Float32Array.of(1) };
