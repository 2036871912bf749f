import type { PerceptualNet } from '@faceanim/core';
import {
  affine,
  type ImageTensor,
  TensorBag,
  unitChannels,
  unitDistance,
  type Weights,
  weightedMeanSquare,
} from '@faceanim/tensor';
import { aString, checkOptions, type OptionChecks, oneOf, positiveNumber } from '@faceanim/tensor/options';
import * as tf from '@tensorflow/tfjs-core';
import { checkWeights } from '../networks/check-weights';
import { chooseArchitecture } from '../networks/known-architectures';
import { lpipsHeads, readHeads } from './heads';
import { type LpipsNet, trunks } from './trunks';
import type { TrunkStage } from './trunks/trunk';

/** Accepts the name of a trunk. */
export const netCheck = oneOf(...Object.keys(trunks));

/** Options of {@link createLpips}. */
export interface CreateLpipsOptions {
  /** The trunk that the weights belong to. */
  net: LpipsNet;
  /** Added to the length that features are divided by. Default 1e-10, as in the original. */
  epsilon?: number;
  /** File the weights come from, for messages. */
  file?: string;
}

const checks: OptionChecks<CreateLpipsOptions> = { net: netCheck, epsilon: positiveNumber, file: aString };

/** Heads and classifiers, which may be in the same file. */
const notTrunk = /^((lin|lpips)\d|classifier\.|(shift|scale)$)/;

/** Mean and standard deviation of ImageNet's colours, for images in -1..1. */
const mean = [-0.03, -0.088, -0.188];
const spread = [0.458, 0.448, 0.45];

/**
 * Builds LPIPS, a distance between images that agrees with human judgement, from weights in memory: version 0.1 (Zhang et
 * al. 2018, arXiv 1801.03924). Activations of a trunk are normalised over channels; their squared differences are
 * weighted by the heads, averaged over pixels and summed over layers.
 *
 * @param trunk weights of the trunk by torchvision's names; a classifier is ignored
 * @param heads weights of the heads, `linK.weight`, `linK.model.1.weight` or `lpipsK`; may be the same map
 * @throws FaceanimError `weights-mismatch` if the tensors are not those of the trunk or of its heads
 */
export function createLpips(trunk: Weights, heads: Weights, options: CreateLpipsOptions): PerceptualNet {
  checkOptions('createLpips', options, checks, { required: ['net'] });
  const { file } = options;
  const architecture = trunks[options.net];
  chooseArchitecture(architecture.name, [architecture], trunk, file);
  checkWeights(trunk, architecture.shapes(trunk), { network: architecture.name, file, ignore: notTrunk });
  chooseArchitecture(lpipsHeads.name, [lpipsHeads], heads, file);
  const layers = readHeads(heads, architecture.widths(trunk), file);
  return TensorBag.build((bag) => new Lpips(bag, trunk, layers, options));
}

/** An LPIPS network whose activations can be inspected. */
export class Lpips implements PerceptualNet {
  readonly specificationVersion = 'v1';
  readonly #bag: TensorBag;
  readonly #scale: tf.Tensor1D;
  readonly #shift: tf.Tensor1D;
  readonly #stages: TrunkStage[];
  readonly #heads: tf.Tensor2D[];
  readonly #epsilon: number;

  constructor(
    bag: TensorBag,
    trunk: Weights,
    heads: readonly Float32Array[],
    { net, epsilon = 1e-10 }: CreateLpipsOptions,
  ) {
    this.#bag = bag;
    this.#epsilon = epsilon;
    const scale = Float32Array.from(spread, (each) => 1 / each);
    this.#scale = bag.constant<tf.Rank.R1>(scale, [3]);
    this.#shift = bag.constant<tf.Rank.R1>(
      scale.map((each, i) => -mean[i]! * each),
      [3],
    );
    this.#stages = trunks[net].build(bag, trunk);
    this.#heads = heads.map((head) => bag.constant<tf.Rank.R2>(head, [head.length, 1]));
  }

  /** Activations of the trunk after each stage, before they are normalised over channels. */
  activations(image: ImageTensor<'signed'>): tf.Tensor4D[] {
    this.#bag.checkOpen('perceptual network');
    return tf.tidy(() => {
      let x: tf.Tensor4D = affine<tf.Tensor4D>(image, this.#scale, this.#shift);
      return this.#stages.map((stage) => (x = stage(x)));
    });
  }

  features(image: ImageTensor<'signed'>): tf.Tensor4D[] {
    return tf.tidy(() => this.activations(image).map((x) => unitChannels(x, this.#epsilon)));
  }

  distanceTo(image: ImageTensor<'signed'>, b: readonly tf.Tensor4D[]): tf.Tensor1D {
    return tf.tidy(() =>
      tf.addN(this.activations(image).map((x, i) => unitDistance(x, b[i]!, this.#heads[i]!, this.#epsilon))),
    );
  }

  distance(a: readonly tf.Tensor4D[], b: readonly tf.Tensor4D[]): tf.Tensor1D {
    this.#bag.checkOpen('perceptual network');
    return tf.tidy(() =>
      this.#heads
        .map((head, i) => weightedMeanSquare(tf.sub(a[i]!, b[i]!), head))
        .reduce((sum, layer) => tf.add(sum, layer)),
    );
  }

  [Symbol.dispose](): void {
    this.#bag[Symbol.dispose]();
  }
}
