import { type Arithmetic, customOp, pointwise } from '@faceanim/tensor';
import { checkOptions, numberFrom, type OptionChecks } from '@faceanim/tensor/options';
import * as tf from '@tensorflow/tfjs-core';
import { withKey } from '../alike';
import { scalarOrSchedule } from '../options';
import type { LossTerm } from './loss-term';
import type { ScalarOrSchedule } from './schedule';

/** Options of {@link prior}. */
export interface PriorOptions {
  /** Weight of the term. Default 0.1. */
  weight?: ScalarOrSchedule;
  /** Weight of the penalty on coordinates beyond `limit`. Default 0.5. */
  wall?: number;
  /** |u| in standard deviations beyond which coordinates are penalised. Default 1.5. */
  limit?: number;
  /** With one u per layer (W+): weight of the variance over layers. Default 1. */
  layers?: number;
}

const checks: OptionChecks<PriorOptions> = {
  weight: scalarOrSchedule,
  wall: numberFrom(0),
  limit: numberFrom(0),
  layers: numberFrom(0),
};

/**
 * Loss term that keeps the result a plausible face: mean of u² over the coordinates of a whitened latent space, where natural
 * latents have rms(u) = 1, plus `wall` times the sum of `max(0, |u| - limit)²`. With one u per layer, both are averaged over
 * layers, and the variance over layers is added.
 */
export function prior(options: PriorOptions = {}): LossTerm {
  checkOptions('prior', options, checks, { prefix: 'prior.' });
  const { weight = 0.1, wall = 0.5, limit = 1.5, layers = 1 } = options;
  return withKey([prior], {
    specificationVersion: 'v1',
    name: 'prior',
    weight,
    imageSize: 0,
    settings: { wall, limit, layers },
    value: ({ coordinates: u }) => {
      const [, perLatent] = u.shape as [number, number, number];
      const base = distanceFromNatural(u as tf.Tensor3D, wall, limit);
      if (perLatent === 1) return base;
      const spread = tf.mean(tf.square(tf.sub(u, tf.mean(u, 1, true))), [1, 2]);
      return tf.add(base, tf.mul(spread, layers));
    },
  });
}

/** Mean of u² plus `wall` times the sum of `max(0, |u| - limit)²`, both averaged over layers: u `[N, layers, C]` to `[N]`. */
function distanceFromNatural(u: tf.Tensor3D, wall: number, limit: number): tf.Tensor {
  const [n, layers, dimensions] = u.shape;
  const weights = { limit, each: 1 / (layers * dimensions), beyond: wall / layers };
  return customOp([u], () => {
    const squares = pointwise('prior', { u, ...weights }, (math, at) => {
      const over = beyondLimit(math, at);
      return [math.add(math.mul(math.mul(at.u, at.u), at.each), math.mul(math.mul(over, over), at.beyond))];
    });
    return {
      value: tf.sum(squares, [1, 2]),
      saved: [u],
      backward: (dy, [u]) => {
        const inputs = { u: u as tf.Tensor3D, dy: tf.reshape(dy, [n, 1, 1]) as tf.Tensor3D, ...weights };
        return pointwise('priorGradient', inputs, (math, at) => {
          const outwards = math.mul(beyondLimit(math, at), math.sign(at.u));
          const half = math.add(math.mul(at.u, at.each), math.mul(outwards, at.beyond));
          return [math.mul(math.mul(half, math.constant(2)), at.dy)];
        });
      },
    };
  });
}

/** max(0, |u| - limit) */
const beyondLimit = <T>(math: Arithmetic<T>, { u, limit }: { u: T; limit: T }) =>
  math.maximum(math.sub(math.abs(u), limit), math.constant(0));
