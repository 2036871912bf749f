import {
  clampSymmetric,
  demodulation,
  FrozenConv,
  type HostTensor,
  leakyRelu,
  PolyphaseFilter,
  scaleChannels,
  type Weights,
} from '@faceanim/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { weightOf } from '../check-weights';
import type { Resources } from '../resources';
import { dense } from './dense';
import { filterEnergy } from './modulated-conv';
import type { StyleGan3Config, StyleGan3Layer } from './stylegan3-config';

/** One layer: x `[N, inSize, inSize, in]` and w `[N, wDim]` to `[N, size, size, out]`. */
export type SynthesisLayer = (x: tf.Tensor4D, w: tf.Tensor2D) => tf.Tensor4D;

/** A modulated convolution and a leaky ReLU that is applied at a higher sampling rate, so that nothing aliases. */
export function stylegan3Layer(
  resources: Resources,
  weights: Weights,
  config: StyleGan3Config,
  layer: StyleGan3Layer,
): SynthesisLayer {
  const name = `synthesis.${layer.name}`;
  const bias = weightOf(weights, `${name}.bias`).data;
  const shift = resources.tensor<tf.Rank.R1>(bias, [bias.length]);
  const { convClamp } = config;
  if (layer.toRgb) {
    const convolve = rgbConvolution(resources, weights, name);
    return (x, w) => {
      const rgb = tf.add(convolve(x, w), shift) as tf.Tensor4D;
      return convClamp === undefined ? rgb : clampSymmetric(rgb, convClamp);
    };
  }
  const convolve = demodulatedConvolution(resources, weights, name);
  const activate = filteredLeakyRelu(resources, weights, config, layer);
  return (x, w) => activate(tf.add(convolve(x, w), shift) as tf.Tensor4D);
}

/**
 * Weights are normalised per output channel, styles over the whole batch: the images of a batch depend on each other.
 * Not fused, like that of StyleGAN2.
 */
function demodulatedConvolution(resources: Resources, weights: Weights, name: string): SynthesisLayer {
  const style = styleOf(resources, weights, name);
  const weight = normalizeFilters(weightOf(weights, `${name}.weight`));
  const [outputs, inputs] = weight.shape as [number, number];
  const energy = resources.tensor<tf.Rank.R2>(filterEnergy(weight), [inputs, outputs]);
  const convolve = convolution(resources, weight, inputGain(weights, name));
  return (x, w) => {
    const raw = style(w);
    const s: tf.Tensor2D = tf.mul(raw, tf.rsqrt(tf.mean(tf.square(raw))));
    return scaleChannels(convolve(scaleChannels(x, s)), demodulation(s, energy, 1));
  };
}

function rgbConvolution(resources: Resources, weights: Weights, name: string): SynthesisLayer {
  const weight = weightOf(weights, `${name}.weight`);
  const [, inputs, kernel] = weight.shape as [number, number, number];
  const style = styleOf(resources, weights, name, 1 / Math.sqrt(inputs * kernel * kernel));
  const convolve = convolution(resources, weight, inputGain(weights, name));
  return (x, w) => convolve(scaleChannels(x, style(w)));
}

function styleOf(resources: Resources, weights: Weights, name: string, gain = 1) {
  const weight = weightOf(weights, `${name}.affine.weight`);
  return dense(resources, weight, weightOf(weights, `${name}.affine.bias`), { gain });
}

/** The inputs are brought to the magnitude 1 that was tracked in training. */
function inputGain(weights: Weights, name: string): number {
  return 1 / Math.sqrt(weightOf(weights, `${name}.magnitude_ema`).data[0]!);
}

/** Every pixel that a filter touches is an output: the image grows by kernel - 1. */
function convolution(resources: Resources, { shape, data }: HostTensor, gain: number) {
  const weight = { shape, data: data.map((v) => v * gain) };
  const conv = resources.use(new FrozenConv(weight, { padding: shape[2]! - 1 }));
  return (x: tf.Tensor4D) => conv.apply(x);
}

/** The filters of each output channel brought to mean square 1. */
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

/** Up-sampling, leaky ReLU of gain √2, clamp, down-sampling; the margin that the filters eat up is cut off. */
function filteredLeakyRelu(
  resources: Resources,
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
  // Zeros between the samples lower the brightness by `up` in each direction. A leaky ReLU lets positive factors
  // through, so its gain is applied before, where it costs nothing.
  const gain = up * Math.sqrt(Math.SQRT2);
  const gained = { shape: upTaps.shape, data: upTaps.data.map((v) => v * gain) };
  const enlarge = resources.use(new PolyphaseFilter(gained, channels, up));
  const reduce = resources.use(
    new PolyphaseFilter({ shape: downTaps.shape, data: downTaps.data.slice().reverse() }, channels, down),
  );
  const between = (size - 1) * down + downSize;
  // What is to be added to the up-sampled image so that the result has its size, one half on each side.
  const margin = between - (inSize + kernel - 1) * up + upSize - 1;
  const before = upSize - 1 - Math.floor((margin + up) / 2);
  return (x) =>
    reduce.downsample(leakyRelu(enlarge.upsample(x, between, before), { clamp: convClamp }), size);
}

/** What stands for a filter at factor 1. */
const identity: HostTensor = { shape: [1], data: Float32Array.of(1) };
