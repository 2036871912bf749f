import { asImageTensor, randomState } from '@faceanim/tensor';
import {
  checkGradient,
  countLeaks,
  type DifferentiableFunction,
  type GradientCheck,
} from '@faceanim/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import { latentSpace } from '../latents/latent-space';
import { latentStatistics } from '../latents/statistics';
import type { LossTerm } from '../losses/loss-term';
import type { NoiseUse } from '../optimization/evaluation';
import { createObjective } from '../optimization/objective';
import { tinyDriver } from './tiny-driver';
import { type TinyNetworks, tinyNetworks } from './tiny-networks';

/** The result of {@link checkLossTerm}. */
export interface LossTermCheck extends GradientCheck {
  /** Number of leaked tensors. */
  readonly leaked: number;
}

/** Options of {@link checkLossTerm}. */
export interface LossTermCheckOptions {
  /** Standard deviation of the random coordinates at which the term is evaluated. Default 1. */
  scale?: number;
  /** Step of the finite differences. Default 1e-2. */
  epsilon?: number;
  /** Checks the gradient with respect to noise maps instead of the coordinates. Default no. */
  inNoise?: boolean;
}

/** A loss term, or a function that creates one with tiny networks. */
export type CheckedLossTerm = LossTerm | ((networks: TinyNetworks) => LossTerm);

/**
 * Checks the gradient of a loss term by finite differences, and whether it leaks tensors, on tiny networks in the middle of a
 * sequence with a look. Expect a finite `value`, a small `relativeError`, and `leaked` 0.
 *
 * @example
 * const { relativeError, leaked } = await checkLossTerm(myTerm());
 * await checkLossTerm(({ landmarkNet }) => heatmaps({ net: landmarkNet }));
 */
export async function checkLossTerm(
  term: CheckedLossTerm,
  options: LossTermCheckOptions = {},
): Promise<LossTermCheck> {
  let check!: GradientCheck;
  const leaked = await countLeaks(async () => {
    check = await withLossTerm(term, options, (evaluate, at) => checkGradient(evaluate, at, options));
  });
  return { ...check, leaked };
}

/**
 * Calls `use` with a loss term on tiny networks, as a function of the coordinates (or the noise maps), and a point at which
 * to evaluate it.
 */
export async function withLossTerm<T>(
  given: CheckedLossTerm,
  { scale = 1, inNoise = false }: LossTermCheckOptions,
  use: (evaluate: DifferentiableFunction, at: Float32Array) => Promise<T>,
): Promise<T> {
  using networks = tinyNetworks();
  const { generator } = networks;
  const term = typeof given === 'function' ? given(networks) : given;
  const statistics = await latentStatistics(generator, { samples: 500 });
  using space = latentSpace('w+', statistics, generator.numWs);
  const random = randomState(3);
  const vector = (size: number, factor: number) => Float32Array.from(random.randn(size), (x) => x * factor);
  const { numWs, wDim } = generator;
  const look = asImageTensor(tf.tensor4d(vector(768, 0.5), [1, 16, 16, 3]), 'signed');
  const mean = tf.tensor3d(statistics.mean, [1, 1, wDim]);
  const previous = tf.tensor3d(vector(numWs * wDim, 0.3), [1, numWs, wDim]);
  const objective = createObjective({
    terms: [{ ...term, weight: 1 }],
    generator,
    frame: { index: 1, drivers: tinyDriver(1), look, previous, mean },
    space,
  });
  const coordinates = vector(numWs * wDim, scale);
  const maps = Object.entries(generator.noiseMaps);
  const sizes = maps.map(([, map]) => map.size);
  const evaluate: DifferentiableFunction = async (x) => {
    const noise = Object.fromEntries(
      maps.map(([name, map], i) => {
        const start = sizes.slice(0, i).reduce((a, b) => a + b, 0);
        return [name, inNoise ? tf.tensor2d(x.slice(start, start + sizes[i]!), map.shape) : tf.clone(map)];
      }),
    );
    const u = tf.tensor3d(inNoise ? coordinates : x, [1, numWs, wDim]);
    const weights = tf.ones<tf.Rank.R2>([1, 1]);
    const noiseUse: NoiseUse = inNoise ? 'train' : 'fixed';
    const { losses, gradient, noiseGradients } = objective.evaluate(u, { weights, noise, noiseUse });
    const slopes = tf.tidy(() =>
      inNoise ? tf.concat(noiseGradients.map((g) => tf.reshape(g, [-1]))) : tf.clone(gradient),
    );
    const result = { value: (await losses.data())[0]!, gradient: (await slopes.data()) as Float32Array };
    tf.dispose([u, weights, losses, gradient, slopes, ...noiseGradients, ...Object.values(noise)]);
    return result;
  };
  const at = inNoise
    ? vector(
        sizes.reduce((a, b) => a + b, 0),
        1,
      )
    : coordinates;
  try {
    return await use(evaluate, at);
  } finally {
    tf.dispose([look, mean, previous]);
    objective[Symbol.dispose]();
  }
}
