import type { PerceptualNet } from '@faceanim/core';
import {
  type ImageTensor,
  resize,
  unitChannels,
  unitDistance,
  type Weights,
  weightedMeanSquare,
} from '@faceanim/tensor';
import { aText, checkOptions, type OptionChecks, oneOf, positiveNumber } from '@faceanim/tensor/options';
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

/** Takes the name of a trunk. */
export const netCheck = oneOf(...Object.keys(trunks));

/** Options of {@link createLpips}. */
export interface LpipsOptions {
  /** Which trunk the weights are of. */
  net: LpipsNet;
  /** Added to the length by which features are divided. Default 1e-10, as in the original. */
  epsilon?: number;
  /** File the weights come from, for messages. */
  file?: string;
}

const checks: OptionChecks<LpipsOptions> = { net: netCheck, epsilon: positiveNumber, file: aText };

/** Names of a head: shorter, as lpips ships it, as the TorchScript file of NVIDIA's projectors has it. */
const headNames = (i: number) => [`lin${i}.weight`, `lin${i}.model.1.weight`, `lpips${i}`];
const notHead = /^(?!(lin|lpips)\d)/;
const notTrunk = /^((lin|lpips)\d|classifier\.|(shift|scale)$)/;

/** An LPIPS network; what it adds to {@link PerceptualNet} is there to look inside. */
export interface LpipsNetwork extends PerceptualNet {
  /** Activations of the trunk at each tap, before they are normalised over channels. */
  activations(image: ImageTensor<'signed'>): tf.Tensor4D[];
  /**
   * Where two images differ: the distance of each layer brought to `[height, width]` bilinearly, and their sum,
   * `[N, height, width, 1]` (`spatial=True` of the original). Its mean is about the distance.
   */
  distanceMap(
    a: readonly tf.Tensor4D[],
    b: readonly tf.Tensor4D[],
    size: readonly [height: number, width: number],
  ): tf.Tensor4D;
}

/** Mean and spread of ImageNet colours, for images in -1..1. */
const mean = [-0.03, -0.088, -0.188];
const spread = [0.458, 0.448, 0.45];

/**
 * LPIPS 0.1 (Zhang et al. 2018, arXiv 1801.03924): activations of a trunk, normalised over channels, squared
 * difference weighted by the heads `lin0`, `lin1`, …, averaged over pixels and summed over layers.
 *
 * @param trunk weights of the trunk (torchvision's names; a classifier is ignored)
 * @param heads weights of the heads, `linK.weight`, `linK.model.1.weight` or `lpipsK`; may be the same map
 * @throws FaceanimError `weights-mismatch` if the tensors are not those of the trunk or of its heads
 */
export function createLpips(trunk: Weights, heads: Weights, options: LpipsOptions): LpipsNetwork {
  checkOptions('createLpips', options, checks);
  checks.net(options.net, 'net');
  const { network, shapes, widths } = trunks[options.net];
  checkWeights(trunk, shapes(trunk), { network, file: options.file, ignore: notTrunk });
  return new Lpips(trunk, readHeads(heads, widths(trunk), options.file), options);
}

class Lpips implements LpipsNetwork {
  readonly specificationVersion = 'v1';
  readonly #resources = new Resources();
  readonly #mean: tf.Tensor1D;
  readonly #factor: tf.Tensor1D;
  readonly #stages: TrunkStage[];
  readonly #heads: tf.Tensor2D[];
  readonly #epsilon: number;

  constructor(trunk: Weights, heads: readonly Float32Array[], { net, epsilon = 1e-10 }: LpipsOptions) {
    this.#epsilon = epsilon;
    this.#mean = this.#resources.tensor<tf.Rank.R1>(Float32Array.from(mean), [3]);
    this.#factor = this.#resources.tensor<tf.Rank.R1>(
      Float32Array.from(spread, (v) => 1 / v),
      [3],
    );
    this.#stages = trunks[net].build(this.#resources, trunk);
    this.#heads = heads.map((head) => this.#resources.tensor<tf.Rank.R2>(head, [head.length, 1]));
  }

  activations(image: ImageTensor<'signed'>): tf.Tensor4D[] {
    this.#resources.checkOpen('perceptual network');
    return tf.tidy(() => {
      let x = tf.mul(tf.sub(image, this.#mean), this.#factor) as tf.Tensor4D;
      return this.#stages.map((stage) => (x = stage(x)));
    });
  }

  features(image: ImageTensor<'signed'>): tf.Tensor4D[] {
    return tf.tidy(() => this.activations(image).map((x) => unitChannels(x, this.#epsilon)));
  }

  distanceMap(
    a: readonly tf.Tensor4D[],
    b: readonly tf.Tensor4D[],
    [height, width]: readonly [number, number],
  ): tf.Tensor4D {
    this.#resources.checkOpen('perceptual network');
    return tf.tidy(() =>
      this.#heads
        .map((head, i) => {
          const squares = tf.squaredDifference(a[i]!, b[i]!) as tf.Tensor4D;
          const weighted = tf.matMul(tf.reshape(squares, [-1, head.shape[0]]), head);
          const [n, rows, columns] = squares.shape;
          const map = tf.reshape(weighted, [n, rows, columns, 1]) as tf.Tensor4D;
          return resize(map, [height, width], 'bilinear');
        })
        .reduce((sum, layer) => tf.add(sum, layer)),
    );
  }

  distanceTo(image: ImageTensor<'signed'>, b: readonly tf.Tensor4D[]): tf.Tensor1D {
    return tf.tidy(() =>
      tf.addN(this.activations(image).map((x, i) => unitDistance(x, b[i]!, this.#heads[i]!, this.#epsilon))),
    );
  }

  distance(a: readonly tf.Tensor4D[], b: readonly tf.Tensor4D[]): tf.Tensor1D {
    this.#resources.checkOpen('perceptual network');
    return tf.tidy(() =>
      this.#heads
        .map((head, i) => weightedMeanSquare(tf.sub(a[i]!, b[i]!), head))
        .reduce((sum, layer) => tf.add(sum, layer)),
    );
  }

  [Symbol.dispose](): void {
    this.#resources[Symbol.dispose]();
  }
}

/** The heads in order, under either of the names in use. */
function readHeads(heads: Weights, widths: readonly number[], file: string | undefined): Float32Array[] {
  const names = widths.map((_, i) => headNames(i).find((name) => heads.has(name)) ?? headNames(i)[0]!);
  const expected: WeightShapes = Object.fromEntries(names.map((name, i) => [name, [1, widths[i]!, 1, 1]]));
  checkWeights(heads, expected, { network: 'LPIPS heads', file, ignore: notHead });
  return names.map((name) => weightOf(heads, name).data);
}
