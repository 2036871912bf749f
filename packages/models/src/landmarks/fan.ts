import type { LandmarkNet } from '@faceanim/core';
import {
  addRepeatedBy2,
  averageBy2,
  FrozenConv,
  type HostTensor,
  type ImageTensor,
  invalidOption,
  type Weights,
} from '@faceanim/tensor';
import { aText, checkOptions, type OptionChecks, wholeNumberFrom } from '@faceanim/tensor/options';
import * as tf from '@tensorflow/tfjs-core';
import { weightOf } from '../check-weights';
import { Resources } from '../resources';
import { batchNorm, foldBatchNorm } from './batch-norm';
import { convBlock, type Stage } from './conv-block';
import { type FanConfig, fanDepth, readFanConfig } from './fan-config';

/** Options of {@link createFan}. */
export interface FanOptions {
  /** Number of hourglass modules to run, from the first: fewer are faster and less exact. Default all. */
  modules?: number;
  /** File the weights come from, for messages. */
  file?: string;
}

const checks: OptionChecks<FanOptions> = { modules: wholeNumberFrom(1), file: aText };

/**
 * Face alignment network (Bulat and Tzimiropoulos 2017, arXiv 1703.07332) with the tensor names of face-alignment:
 * stacked hourglasses of any number and width. Takes 256 px images, gives the heat maps of its last module that
 * runs, 64 x 64.
 *
 * @throws FaceanimError `weights-mismatch` if the tensors are not those of a FAN, `invalid-option` for `modules`
 */
export function createFan(weights: Weights, options: FanOptions = {}): LandmarkNet {
  checkOptions('createFan', options, checks);
  return new Fan(weights, readFanConfig(weights, options.modules, options.file));
}

class Fan implements LandmarkNet {
  readonly specificationVersion = 'v1';
  readonly inputSize = 256;
  readonly heatmapSize = 64;
  readonly points: number;
  readonly #resources = new Resources();
  readonly #stem: Stage;
  readonly #modules: { features: Stage; heatmaps: Stage; feedback: Stage | undefined }[];

  constructor(weights: Weights, { points, modules }: FanConfig) {
    this.points = points;
    this.#stem = stem(this.#resources, weights);
    this.#modules = Array.from({ length: modules }, (_, i) => ({
      features: moduleFeatures(this.#resources, weights, i),
      heatmaps: pointwise(this.#resources, conv(weights, `l${i}`)),
      feedback: i < modules - 1 ? pointwise(this.#resources, feedback(weights, i)) : undefined,
    }));
  }

  heatmaps(image: ImageTensor<'unit'>): tf.Tensor4D {
    this.#resources.checkOpen('landmark network');
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
    this.#resources[Symbol.dispose]();
  }
}

/** From the image to the features `[N, 64, 64, channels]` that the modules work on. */
function stem(resources: Resources, weights: Weights): Stage {
  const first = conv(weights, 'conv1');
  const folded = foldBatchNorm(first.weight, first.bias, batchNorm(weights, 'bn1'));
  const conv1 = resources.use(
    new FrozenConv(folded.weight, { stride: 2, padding: 3, bias: folded.bias, relu: true }),
  );
  const [conv2, conv3, conv4] = ['conv2', 'conv3', 'conv4'].map((name) =>
    convBlock(resources, weights, name),
  ) as [Stage, Stage, Stage];
  return (x) => conv4(conv3(averageBy2(conv2(conv1.apply(x)))));
}

/** One hourglass and what follows it, up to the features that its heat maps are read from. */
function moduleFeatures(resources: Resources, weights: Weights, index: number): Stage {
  const glass = hourglass(resources, weights, `m${index}`, fanDepth);
  const top = convBlock(resources, weights, `top_m_${index}`);
  const last = conv(weights, `conv_last${index}`);
  const folded = foldBatchNorm(last.weight, last.bias, batchNorm(weights, `bn_end${index}`));
  const merge = resources.use(new FrozenConv(folded.weight, { bias: folded.bias, relu: true }));
  return (x) => tf.tidy(() => merge.apply(top(glass(x))));
}

function hourglass(resources: Resources, weights: Weights, name: string, level: number): Stage {
  const skip = convBlock(resources, weights, `${name}.b1_${level}`);
  const down = convBlock(resources, weights, `${name}.b2_${level}`);
  const inner =
    level > 1
      ? hourglass(resources, weights, name, level - 1)
      : convBlock(resources, weights, `${name}.b2_plus_1`);
  const up = convBlock(resources, weights, `${name}.b3_${level}`);
  return (x) => {
    // First, so that its way back comes last: it adds what flows back into x by the skip.
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

function pointwise(resources: Resources, { weight, bias }: BiasedConv): Stage {
  const layer = resources.use(new FrozenConv(weight, { bias }));
  return (x) => layer.apply(x);
}

/**
 * What a module hands on to the next: al(l(x)) + bl(x), heat maps and features by 1x1 convolutions. All of it is
 * linear, so it is one 1x1 convolution.
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
