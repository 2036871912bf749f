import type { Discriminator } from '@faceanim/core';
import {
  FirFilter,
  FrozenConv,
  type ImageTensor,
  invalidOption,
  leakyRelu,
  TensorBag,
  type Weights,
} from '@faceanim/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { weightOf } from '../../networks/check-weights';
import { nvidiaLicence } from '../../networks/licences';
import { equalizedDense } from '../../stylegan/equalized-dense';
import { mappingLayersOf, normalize } from '../../stylegan/mapping-network';
import { resampleTaps } from '../../stylegan/resample-taps';
import { scaled, toChannelsLast } from '../../stylegan/weight-layout';
import type { DiscriminatorArchitecture } from '../architecture';
import { type DiscriminatorConfig, network, readDiscriminatorConfig } from './config';

type Stage = (x: tf.Tensor4D) => tf.Tensor4D;

/** StyleGAN2's discriminator (residual, the default), conditional or not, with the names of stylegan2-ada-pytorch. */
export const stylegan2Discriminator: DiscriminatorArchitecture = {
  name: network,
  anchors: ['b4.out.weight', 'b4.fc.weight'],
  licence: nvidiaLicence,
  packFile: 'discriminator.safetensors',
  create: (weights, { config = {}, file }) => {
    const read = readDiscriminatorConfig(weights, config, file);
    return TensorBag.build((bag) => new StyleGan2Discriminator(bag, weights, read));
  },
};

class StyleGan2Discriminator implements Discriminator {
  readonly specificationVersion = 'v1';
  readonly resolution: number;
  readonly #cDim: number;
  readonly #groupSize: number;
  readonly #bag: TensorBag;
  readonly #fromRgb: Stage;
  readonly #blocks: Stage[];
  readonly #conv: Stage;
  readonly #fc: (x: tf.Tensor2D) => tf.Tensor2D;
  readonly #out: (x: tf.Tensor2D) => tf.Tensor2D;
  readonly #map: ((c: tf.Tensor2D) => tf.Tensor2D) | undefined;

  constructor(
    bag: TensorBag,
    weights: Weights,
    { blocks, cDim, mappingLayers, convClamp, groupSize }: DiscriminatorConfig,
  ) {
    this.#bag = bag;
    this.resolution = blocks[0]!;
    this.#cDim = cDim;
    this.#groupSize = groupSize;
    this.#fromRgb = convolution(bag, weights, `b${blocks[0]}.fromrgb`, convClamp);
    this.#blocks = blocks.map((resolution) => residualBlock(bag, weights, `b${resolution}`, convClamp));
    this.#conv = convolution(bag, weights, 'b4.conv', convClamp);
    const channels = weightOf(weights, 'b4.conv.weight').shape[0]!;
    const fc = weightOf(weights, 'b4.fc.weight');
    const channelsLast = { shape: fc.shape, data: toChannelsLast(fc.data, channels) };
    const ordered = new Map(weights).set('b4.fc.weight', channelsLast);
    this.#fc = equalizedDense(bag, ordered, 'b4.fc', { gain: Math.SQRT2 });
    this.#out = equalizedDense(bag, weights, 'b4.out');
    if (cDim > 0) this.#map = labelMapping(bag, weights, mappingLayers);
  }

  logits(image: ImageTensor<'signed'>, c?: tf.Tensor2D): tf.Tensor2D {
    this.#bag.checkOpen('discriminator');
    const [n, height, width] = image.shape;
    if (height !== this.resolution || width !== this.resolution) {
      throw invalidOption('image', `[${image.shape}]`, `[N, ${this.resolution}, ${this.resolution}, 3]`);
    }
    if (this.#map && c?.shape[1] !== this.#cDim) {
      throw invalidOption('c', c && `[${c.shape}]`, `class labels [N, ${this.#cDim}]`);
    }
    return tf.tidy(() => {
      const features = this.#blocks.reduce((x, block) => block(x), this.#fromRgb(image));
      const x = this.#conv(appendSpread(features, this.#groupSize));
      const scores = this.#out(leakyRelu(this.#fc(tf.reshape(x, [n, -1]))));
      if (!this.#map) return scores;
      const labels = this.#map(c!);
      return tf.mul(tf.sum(tf.mul(scores, labels), 1, true), 1 / Math.sqrt(labels.shape[1])) as tf.Tensor2D;
    });
  }

  [Symbol.dispose](): void {
    this.#bag[Symbol.dispose]();
  }
}

/** A convolution, bias and leaky ReLU of gain √2 · `gain`. */
function convolution(
  bag: TensorBag,
  weights: Weights,
  name: string,
  convClamp: number | undefined,
  { gain = 1, stride = 1 }: { gain?: number; stride?: number } = {},
): Stage {
  const weight = weightOf(weights, `${name}.weight`);
  const [, inputs, kernel] = weight.shape as [number, number, number, number];
  const total = gain * Math.SQRT2;
  const conv = bag.use(
    new FrozenConv(scaled(weight, total / Math.sqrt(inputs * kernel * kernel)), {
      stride,
      // Strided convolutions follow a filter that has already padded.
      padding: stride === 1 ? (kernel - 1) / 2 : 0,
      bias: scaled(weightOf(weights, `${name}.bias`), total).data,
    }),
  );
  const clamp = convClamp === undefined ? undefined : convClamp * gain;
  return (x) => leakyRelu(conv.apply(x), { clamp });
}

/** Two convolutions, the second of which halves the size, plus a 1x1 convolution of the halved input. */
function residualBlock(bag: TensorBag, weights: Weights, name: string, convClamp: number | undefined): Stage {
  const taps = resampleTaps(weights, `${name}.conv1.resample_filter`);
  const conv0 = convolution(bag, weights, `${name}.conv0`, convClamp);
  const conv1 = convolution(bag, weights, `${name}.conv1`, convClamp, {
    gain: Math.SQRT1_2,
    stride: 2,
  });
  const weight = weightOf(weights, `${name}.skip.weight`);
  const channels = weight.shape[1]!;
  const skip = bag.use(new FrozenConv(scaled(weight, Math.SQRT1_2 / Math.sqrt(channels))));
  const filter = bag.use(new FirFilter(taps, channels));
  const before = (taps.length + 1) >> 1;
  return (x) => {
    const main = conv1(filter.apply(conv0(x), before, taps.length >> 1));
    return tf.add(skip.apply(filter.downsample(x)), main);
  };
}

/** Appends a channel that holds the mean standard deviation within each group of images. */
function appendSpread(x: tf.Tensor4D, groupSize: number): tf.Tensor4D {
  const [n, height, width, channels] = x.shape;
  const size = Math.min(groupSize, n);
  if (n % size !== 0) throw invalidOption('image', `${n} images`, `a number of images divisible by ${size}`);
  const groups = tf.reshape(x, [size, n / size, height * width * channels]);
  const deviation = tf.sub(groups, tf.mean(groups, 0, true));
  const spread = tf.mean(tf.sqrt(tf.add(tf.mean(tf.square(deviation), 0), 1e-8)), 1);
  const map = tf.mul(
    tf.tile(tf.reshape(spread, [n / size, 1, 1, 1]), [size, 1, 1, 1]),
    tf.ones([1, height, width, 1]),
  );
  return tf.concat([x, map as tf.Tensor4D], 3);
}

/** Maps class labels to the vector that scores are projected on. */
function labelMapping(bag: TensorBag, weights: Weights, count: number): (c: tf.Tensor2D) => tf.Tensor2D {
  const embed = equalizedDense(bag, weights, 'mapping.embed');
  const layers = mappingLayersOf(bag, weights, count, 0.01);
  return (c) => layers(normalize(embed(c)));
}
