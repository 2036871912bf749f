import { type ImageTensor, type PerceptualNet, unitChannels, type Weights } from '@faceanim/core';
import * as tf from '@tensorflow/tfjs-core';
import { checkWeights, type WeightShapes, weightOf } from '../check-weights';
import { Resources } from '../resources';
import { alex } from './alex';
import { squeeze } from './squeeze';
import { student } from './student';
import type { Trunk, TrunkStage } from './trunk';
import { vgg } from './vgg';

/** Trunks that {@link createLpips} knows. */
export type LpipsNet = 'alex' | 'squeeze' | 'student' | 'vgg';

const trunks: Record<LpipsNet, Trunk> = { alex, squeeze, student, vgg };

/** Options of {@link createLpips}. */
export interface LpipsOptions {
  /** Which trunk the weights are of. */
  net: LpipsNet;
  /** Added to the length by which features are divided. Default 1e-10, as in the original. */
  epsilon?: number;
  /** File the weights come from, for messages. */
  file?: string;
}

/** Mean and spread of ImageNet colours, for images in -1..1. */
const mean = [-0.03, -0.088, -0.188];
const spread = [0.458, 0.448, 0.45];

/**
 * LPIPS 0.1 (Zhang et al. 2018, arXiv 1801.03924): activations of a trunk, normalised over channels, squared
 * difference weighted by the heads `lin0`, `lin1`, …, averaged over pixels and summed over layers.
 *
 * @param trunk weights of the trunk (torchvision's names; a classifier is ignored)
 * @param heads weights of the heads, `linK.weight` or `linK.model.1.weight`; may be the same map
 * @throws FaceanimError `weights-mismatch` if the tensors are not those of the trunk or of its heads
 */
export function createLpips(trunk: Weights, heads: Weights, options: LpipsOptions): PerceptualNet {
  const { network, shapes } = trunks[options.net];
  checkWeights(trunk, shapes(trunk), { network, file: options.file, ignore: /^(lin\d|classifier\.)/ });
  return new Lpips(trunk, heads, options);
}

class Lpips implements PerceptualNet {
  readonly specificationVersion = 'v1';
  readonly #resources = new Resources();
  readonly #mean: tf.Tensor1D;
  readonly #factor: tf.Tensor1D;
  readonly #stages: TrunkStage[];
  readonly #heads: tf.Tensor2D[];
  readonly #epsilon: number;

  constructor(trunk: Weights, heads: Weights, { net, epsilon = 1e-10, file }: LpipsOptions) {
    const widths = layerWidths(trunks[net], trunk);
    const lins = readHeads(heads, widths, file);
    this.#epsilon = epsilon;
    this.#mean = this.#resources.tensor<tf.Rank.R1>(Float32Array.from(mean), [3]);
    this.#factor = this.#resources.tensor<tf.Rank.R1>(Float32Array.from(spread, (v) => 1 / v), [3]);
    this.#stages = trunks[net].build(this.#resources, trunk);
    this.#heads = lins.map((lin) => this.#resources.tensor<tf.Rank.R2>(lin, [lin.length, 1]));
  }

  features(image: ImageTensor<'signed'>): tf.Tensor4D[] {
    return tf.tidy(() => {
      let x = tf.mul(tf.sub(image, this.#mean), this.#factor) as tf.Tensor4D;
      return this.#stages.map((stage) => {
        x = stage(x);
        return unitChannels(x, this.#epsilon);
      });
    });
  }

  distance(a: readonly tf.Tensor4D[], b: readonly tf.Tensor4D[]): tf.Tensor1D {
    return tf.tidy(() => tf.addN(this.#heads.map((head, i) => layerDistance(a[i]!, b[i]!, head))) as tf.Tensor1D);
  }

  [Symbol.dispose](): void {
    this.#resources[Symbol.dispose]();
  }
}

/** Squared difference, weighted over channels, averaged over pixels: `[N]`. */
function layerDistance(a: tf.Tensor4D, b: tf.Tensor4D, head: tf.Tensor2D): tf.Tensor {
  const [n, height, width, channels] = a.shape;
  const squares = tf.reshape(tf.square(tf.sub(a, b)), [n * height * width, channels]);
  return tf.mean(tf.reshape(tf.matMul(squares, head), [n, height * width]), 1);
}
