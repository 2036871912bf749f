import type { LandmarkNet } from '@faceanim/core';
import {
  addRepeatedBy2,
  averageBy2,
  FrozenConv,
  type HostTensor,
  type ImageTensor,
  invalidOption,
  TensorBag,
  type Weights,
} from '@faceanim/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { weightOf } from '../../networks/check-weights';
import type { LandmarkNetArchitecture } from '../architecture';
import { batchNorm, foldBatchNorm } from './batch-norm';
import { type FanConfig, fanDepth, network, readFanConfig } from './config';
import { convBlock, type Stage } from './conv-block';

/**
 * Face alignment network (Bulat and Tzimiropoulos 2017, arXiv 1703.07332) with the tensor names of face-alignment: stacked
 * hourglasses of any number and width. The heat maps are those of the last module that runs.
 */
export const fan: LandmarkNetArchitecture = {
  name: network,
  anchors: ['m0.b1_1.conv1.weight'],
  licence: 'Networks of face-alignment come under the BSD 3-Clause licence of that project (Adrian Bulat).',
  packFile: 'fan.safetensors',
  create: (weights, { modules, groups, file }) => {
    const config = readFanConfig(weights, modules, file);
    return TensorBag.build((bag) => new Fan(bag, weights, config, groups));
  },
};

class Fan implements LandmarkNet {
  readonly specificationVersion = 'v1';
  /** The network is convolutional; this is the size it was trained for. */
  readonly inputSize = 256;
  readonly heatmapSize = this.inputSize / stemStride;
  readonly points: number;
  readonly #bag: TensorBag;
  readonly #stem: Stage;
  readonly #modules: { features: Stage; heatmaps: Stage; feedback: Stage | undefined }[];

  constructor(
    bag: TensorBag,
    weights: Weights,
    { points, modules }: FanConfig,
    readonly groups: LandmarkNet['groups'],
  ) {
    this.points = points;
    this.#bag = bag;
    this.#stem = stem(bag, weights);
    this.#modules = Array.from({ length: modules }, (_, i) => ({
      features: moduleFeatures(bag, weights, i),
      heatmaps: pointwise(bag, conv(weights, `l${i}`)),
      feedback: i < modules - 1 ? pointwise(bag, feedback(weights, i)) : undefined,
    }));
  }

  heatmaps(image: ImageTensor<'unit'>): tf.Tensor4D {
    this.#bag.checkOpen('landmark network');
    if (image.shape[1] !== this.inputSize || image.shape[2] !== this.inputSize) {
      throw invalidOption('image', `[${image.shape}]`, `[N, ${this.inputSize}, ${this.inputSize}, 3]`);
    }
    return tf.tidy(() => {
      let x = this.#stem(image);
      for (const { features, feedback, heatmaps } of this.#modules) {
        const top = features(x);
        if (!feedback) return heatmaps(top);
        x = tf.add(x, feedback(top));
      }
      return x;
    });
  }

  [Symbol.dispose](): void {
    this.#bag[Symbol.dispose]();
  }
}

/** Pixels of the image per cell of the features: a convolution of stride 2, then averaging by 2. */
const stemStride = 4;

/** Maps the image to the features that the modules work on, at the size of the heat maps. */
function stem(bag: TensorBag, weights: Weights): Stage {
  const first = conv(weights, 'conv1');
  const folded = foldBatchNorm(first.weight, first.bias, batchNorm(weights, 'bn1'));
  const conv1 = bag.use(
    new FrozenConv(folded.weight, { stride: 2, padding: 3, bias: folded.bias, relu: true }),
  );
  const [conv2, conv3, conv4] = ['conv2', 'conv3', 'conv4'].map((name) => convBlock(bag, weights, name)) as [
    Stage,
    Stage,
    Stage,
  ];
  return (x) => conv4(conv3(averageBy2(conv2(conv1.apply(x)))));
}

/** One hourglass and the layers after it, up to the features that its heat maps are computed from. */
function moduleFeatures(bag: TensorBag, weights: Weights, index: number): Stage {
  const glass = hourglass(bag, weights, `m${index}`, fanDepth);
  const top = convBlock(bag, weights, `top_m_${index}`);
  const last = conv(weights, `conv_last${index}`);
  const folded = foldBatchNorm(last.weight, last.bias, batchNorm(weights, `bn_end${index}`));
  const merge = bag.use(new FrozenConv(folded.weight, { bias: folded.bias, relu: true }));
  return (x) => tf.tidy(() => merge.apply(top(glass(x))));
}

function hourglass(bag: TensorBag, weights: Weights, name: string, level: number): Stage {
  const skip = convBlock(bag, weights, `${name}.b1_${level}`);
  const down = convBlock(bag, weights, `${name}.b2_${level}`);
  const inner =
    level > 1 ? hourglass(bag, weights, name, level - 1) : convBlock(bag, weights, `${name}.b2_plus_1`);
  const up = convBlock(bag, weights, `${name}.b3_${level}`);
  return (x) => {
    // First, so that its backward pass runs last: it adds the upstream gradient of the skip.
    const small = averageBy2(x);
    return addRepeatedBy2(skip(x), up(inner(down(small))));
  };
}

interface BiasedConv {
  readonly weight: HostTensor;
  readonly bias: Float32Array;
}

function conv(weights: Weights, name: string): BiasedConv {
  return { weight: weightOf(weights, `${name}.weight`), bias: weightOf(weights, `${name}.bias`).data };
}

function pointwise(bag: TensorBag, { weight, bias }: BiasedConv): Stage {
  const layer = bag.use(new FrozenConv(weight, { bias }));
  return (x) => layer.apply(x);
}

/**
 * What a module adds to the input of the next: al(l(x)) + bl(x), its heat maps and features. All three are 1x1
 * convolutions, so their combination is one too.
 */
function feedback(weights: Weights, index: number): BiasedConv {
  const [l, al, bl] = [`l${index}`, `al${index}`, `bl${index}`].map((name) => conv(weights, name)) as [
    BiasedConv,
    BiasedConv,
    BiasedConv,
  ];
  const [outputs, points] = al.weight.shape as [number, number];
  const inputs = l.weight.shape[1]!;
  const data = bl.weight.data.slice();
  const bias = bl.bias.map((v, i) => v + al.bias[i]!);
  for (let o = 0; o < outputs; o++) {
    for (let p = 0; p < points; p++) {
      const factor = al.weight.data[o * points + p]!;
      bias[o]! += factor * l.bias[p]!;
      for (let i = 0; i < inputs; i++) data[o * inputs + i]! += factor * l.weight.data[p * inputs + i]!;
    }
  }
  return { weight: { shape: bl.weight.shape, data }, bias };
}
