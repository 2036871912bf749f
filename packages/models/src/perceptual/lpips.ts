import type { PerceptualNet } from '@faceanim/core';
import {
  affine,
  type ImageTensor,
  resize,
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
export interface LpipsOptions {
  /** The trunk that the weights belong to. */
  net: LpipsNet;
  /** Added to the length that features are divided by. Default 1e-10, as in the original. */
  epsilon?: number;
  /** File the weights come from, for messages. */
  file?: string;
}

const checks: OptionChecks<LpipsOptions> = { net: netCheck, epsilon: positiveNumber, file: aString };

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
export function createLpips(trunk: Weights, heads: Weights, options: LpipsOptions): PerceptualNet {
  checkOptions('createLpips', options, checks);
  checks.net(options.net, 'net');
  const { file } = options;
  const architecture = trunks[options.net];
  chooseArchitecture(architecture.name, [architecture], trunk, file);
  checkWeights(trunk, architecture.shapes(trunk), { network: architecture.name, file, ignore: notTrunk });
  chooseArchitecture(lpipsHeads.name, [lpipsHeads], heads, file);
  return new Lpips(trunk, readHeads(heads, architecture.widths(trunk), file), options);
}

/** An LPIPS network whose activations and map of distances can be inspected. */
export class Lpips implements PerceptualNet {
  readonly specificationVersion = 'v1';
  readonly #bag = new TensorBag();
  readonly #scale: tf.Tensor1D;
  readonly #shift: tf.Tensor1D;
  readonly #stages: TrunkStage[];
  readonly #heads: tf.Tensor2D[];
  readonly #epsilon: number;

  constructor(trunk: Weights, heads: readonly Float32Array[], { net, epsilon = 1e-10 }: LpipsOptions) {
    this.#epsilon = epsilon;
    const colours = (of: (i: number) => number) =>
      this.#bag.constant<tf.Rank.R1>(
        Float32Array.from(mean, (_, i) => of(i)),
        [3],
      );
    this.#scale = colours((i) => 1 / spread[i]!);
    this.#shift = colours((i) => -mean[i]! / spread[i]!);
    this.#stages = trunks[net].build(this.#bag, trunk);
    this.#heads = heads.map((head) => this.#bag.constant<tf.Rank.R2>(head, [head.length, 1]));
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

  /**
   * Shows where two images differ: the distances of all layers, resized bilinearly to `[height, width]` and summed,
   * `[N, height, width, 1]` (`spatial=True` of the original). Its mean is roughly the distance.
   */
  distanceMap(
    a: readonly tf.Tensor4D[],
    b: readonly tf.Tensor4D[],
    [height, width]: readonly [number, number],
  ): tf.Tensor4D {
    this.#bag.checkOpen('perceptual network');
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
