import type { NoiseMaps } from '@faceanim/core';
import {
  clampSymmetric,
  FirFilter,
  FrozenConv,
  noisyActivation,
  type TensorBag,
  type Weights,
} from '@faceanim/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { weightOf } from '../../networks/check-weights';
import { resampleTaps } from '../../stylegan/resample-taps';
import { scaled, toChannelsLast } from '../../stylegan/weight-layout';
import { coversSide, tidyLayer } from '../checkpointing';
import type { StyleGan2Config } from './config';
import { demodulatedConv, modulatedConv } from './modulated-conv';

/** The noise of one layer. */
export interface LayerNoise {
  /** `[size, size]` or `[N, size, size]`. */
  readonly map: tf.Tensor;
  /** Whether gradients with respect to the map are needed. */
  readonly differentiable: boolean;
}

/** Looks up the noise of a layer; undefined for none. */
export type NoiseOf = (layer: string, size: number) => LayerNoise | undefined;

/** What one block hands to the next: features and the RGB image accumulated so far. */
export interface BlockState {
  readonly x: tf.Tensor4D;
  readonly image: tf.Tensor4D | undefined;
}

/** One block of a synthesis network; all but the first double the resolution. */
export type SynthesisBlock = (before: BlockState | undefined, styles: BlockStyles) => BlockState;

/** What controls a block. */
export interface BlockStyles {
  /** Number of images. */
  readonly count: number;
  /** The latent `[N, wDim]` of the network's i-th layer. */
  w(i: number): tf.Tensor2D;
  readonly noise: NoiseOf;
}

type Layer = (x: tf.Tensor4D, w: tf.Tensor2D, noise: NoiseOf) => tf.Tensor4D;

/** Builds the blocks of a synthesis network (skip, resnet or orig), in order, and its noise maps. */
export function stylegan2Synthesis(
  bag: TensorBag,
  weights: Weights,
  config: StyleGan2Config,
  checkpointing?: boolean | number,
): { blocks: SynthesisBlock[]; noiseMaps: NoiseMaps } {
  const noiseMaps: Record<string, tf.Tensor2D> = {};
  const blocks = config.blocks.map((resolution, i) => {
    const checkpointed = coversSide(checkpointing, resolution);
    const name = `synthesis.b${resolution}`;
    for (const layer of ['conv0', 'conv1']) {
      const map = weights.get(`${name}.${layer}.noise_const`);
      if (map)
        noiseMaps[`b${resolution}.${layer}`] = bag.constant<tf.Rank.R2>(map.data, [resolution, resolution]);
    }
    return i === 0
      ? firstBlock(bag, weights, config, checkpointed)
      : growingBlock(bag, weights, config, i, checkpointed);
  });
  return { blocks, noiseMaps };
}

function firstBlock(
  bag: TensorBag,
  weights: Weights,
  config: StyleGan2Config,
  checkpointed: boolean,
): SynthesisBlock {
  const { data, shape } = weightOf(weights, 'synthesis.b4.const');
  const channels = shape[0]!;
  const start = bag.constant<tf.Rank.R4>(toChannelsLast(data, channels), [1, 4, 4, channels]);
  const conv1 = synthesisLayer(bag, weights, config, 'b4.conv1', { size: 4, checkpointed });
  const toRgb = rgbLayer(bag, weights, config, 4, checkpointed);
  return (_, { count, w, noise }) => {
    const repeated = count === 1 ? start : tf.tile(start, [count, 1, 1, 1]);
    const x = conv1(repeated, w(0), noise);
    return { x, image: toRgb?.(x, w(1)) };
  };
}

function growingBlock(
  bag: TensorBag,
  weights: Weights,
  config: StyleGan2Config,
  index: number,
  checkpointed: boolean,
): SynthesisBlock {
  const resolution = config.blocks[index]!;
  const common = { size: resolution, checkpointed };
  const taps = resampleTaps(weights, `synthesis.b${resolution}.resample_filter`);
  const residual = config.architecture === 'resnet';
  const conv0 = synthesisLayer(bag, weights, config, `b${resolution}.conv0`, { ...common, up: taps });
  // A sum of two branches is scaled to keep the variance.
  const gain = residual ? Math.SQRT1_2 : 1;
  const conv1 = synthesisLayer(bag, weights, config, `b${resolution}.conv1`, { ...common, gain });
  const shortcut = residual ? residualShortcut(bag, weights, resolution, taps) : undefined;
  const toRgb = rgbLayer(bag, weights, config, resolution, checkpointed);
  const enlarge = config.architecture === 'skip' ? bag.use(new FirFilter(taps, 3, 4)) : undefined;
  const first = 2 * index - 1;
  return (before, { w, noise }) => {
    const main = conv1(conv0(before!.x, w(first), noise), w(first + 1), noise);
    const x: tf.Tensor4D = shortcut ? tf.add(shortcut(before!.x), main) : main;
    const { image } = before!;
    const rgb = toRgb?.(x, w(first + 2));
    return { x, image: image && enlarge ? enlarge.upsample(image, rgb) : (rgb ?? image) };
  };
}

/** Modulated convolution, noise, bias, leaky ReLU of gain √2. */
function synthesisLayer(
  bag: TensorBag,
  weights: Weights,
  { convClamp }: StyleGan2Config,
  layer: string,
  { size, checkpointed, up, gain = 1 }: { size: number; checkpointed: boolean; up?: number[]; gain?: number },
): Layer {
  const name = `synthesis.${layer}`;
  // Positive factors commute with a leaky ReLU, so its gain is folded into the constants before it.
  const total = gain * Math.SQRT2;
  const convolve = demodulatedConv(bag, weights, name, { up, gain: total });
  const bias = weightOf(weights, `${name}.bias`).data;
  const shift = bag.constant<tf.Rank.R1>(
    bias.map((v) => v * total),
    [bias.length],
  );
  const strength = (weights.get(`${name}.noise_strength`)?.data[0] ?? 0) * total;
  const clamp = convClamp === undefined ? undefined : convClamp * gain;
  const run = (differentiable: boolean) =>
    tidyLayer((x: tf.Tensor4D, w: tf.Tensor2D, ...[map]: tf.Tensor[]) => {
      const { features, scale } = convolve(x, w);
      const noise = map && { map, strength, differentiable };
      return noisyActivation(features, scale, shift, { noise, clamp });
    }, checkpointed);
  const [trained, constant] = [run(true), run(false)];
  return (x, w, noiseOf) => {
    const noise = noiseOf(layer, size);
    if (!noise) return constant(x, w);
    return noise.differentiable ? trained(x, w, noise.map) : constant(x, w, noise.map);
  };
}

function rgbLayer(
  bag: TensorBag,
  weights: Weights,
  { convClamp }: StyleGan2Config,
  resolution: number,
  checkpointed: boolean,
): ((x: tf.Tensor4D, w: tf.Tensor2D) => tf.Tensor4D) | undefined {
  const name = `synthesis.b${resolution}.torgb`;
  if (!weights.has(`${name}.weight`)) return undefined;
  const convolve = modulatedConv(bag, weights, name, weightOf(weights, `${name}.bias`).data);
  return tidyLayer((x: tf.Tensor4D, w: tf.Tensor2D) => {
    const rgb = convolve(x, w);
    return convClamp === undefined ? rgb : clampSymmetric(rgb, convClamp);
  }, checkpointed);
}

/** The skip branch of a residual block: a 1x1 convolution and up-sampling. */
function residualShortcut(
  bag: TensorBag,
  weights: Weights,
  resolution: number,
  taps: number[],
): (x: tf.Tensor4D) => tf.Tensor4D {
  const weight = weightOf(weights, `synthesis.b${resolution}.skip.weight`);
  const [outputs, inputs] = weight.shape as [number, number];
  const conv = bag.use(new FrozenConv(scaled(weight, Math.SQRT1_2 / Math.sqrt(inputs))));
  const filter = bag.use(new FirFilter(taps, outputs, 4));
  return (x) => filter.upsample(conv.apply(x));
}
