import { averageBy2, invalidOption, weightedSquareDistance } from '@faceanim/tensor';
import { checkOptions, type OptionChecks, oneOf, wholeNumberFrom } from '@faceanim/tensor/options';
import * as tf from '@tensorflow/tfjs-core';
import { withKey } from '../alike';
import { landmarkWeights } from '../landmarks/groups';
import { checkTargetView, imageHeatmaps, targetHeatmaps } from './landmark-heatmaps';
import {
  type LandmarkTermOptions,
  landmarkImageSize,
  landmarkTermChecks,
  landmarkTermSettings,
} from './landmark-options';
import type { LossTerm } from './loss-term';

/** The formula of {@link heatmaps}: how it sums the differences Δ of the heat maps, weighted by λ_landmark. */
export type HeatmapForm = 'relative' | 'published' | 'original';

/** Options of {@link heatmaps}. */
export interface HeatmapsOptions extends LandmarkTermOptions {
  /**
   * - `relative` (default): `Σ λΔ² / Σ λH²`, where H are the target heat maps. 0 for equal maps, and about 2 if no peaks
   *   overlap, for any network and weights.
   * - `published`: `Σ λ·√(Δ²)`, the formula published with the original program.
   * - `original`: `√Σ(λΔ)²`, the formula in the code of the original program.
   */
  form?: HeatmapForm;
  /** Number of resolutions to average over, each half the previous one; coarser ones act over larger distances. Default 1. */
  scales?: number;
}

const checks: OptionChecks<HeatmapsOptions> = {
  ...landmarkTermChecks,
  form: oneOf('relative', 'published', 'original'),
  scales: wholeNumberFrom(1),
};

/**
 * Loss term that compares landmark heat maps of the result with those of the driver, weighted by landmark group (FAN: Bulat
 * and Tzimiropoulos 2017, arXiv 1703.07332). It has a gradient only where peaks overlap, within about two sigmas;
 * {@link landmarks} has one at any distance.
 *
 * @throws FaceanimError `invalid-option`, also if the heat maps are too small for that many `scales`.
 */
export function heatmaps(options: HeatmapsOptions): LossTerm<{
  targets: HeatmapTarget[];
  lambda: tf.Tensor1D;
}> {
  checkOptions('heatmaps', options, checks, { prefix: 'heatmaps.', required: ['net'] });
  const { net, name = 'heatmaps', weight = 1, groups, form = 'relative', scales = 1 } = options;
  const most = 1 + Math.floor(Math.log2(net.heatmapSize));
  if (scales > most) {
    const expected = `at most ${most} for heat maps of ${net.heatmapSize} cells a side`;
    throw invalidOption('heatmaps.scales', scales, expected);
  }
  const lambda = landmarkWeights(groups, net);
  return withKey([heatmaps, net], {
    specificationVersion: 'v1',
    name,
    weight,
    imageSize: landmarkImageSize(options),
    settings: { ...landmarkTermSettings(options), form, scales },
    check: (run) => checkTargetView(run, options),
    preparesTargets: true,
    prepare: (frame) => {
      const weights = tf.tensor1d(lambda);
      const targets = pyramid(targetHeatmaps(frame, options), scales).map((map) => ({
        map,
        energy: tf.add(weightedSquareDistance(map, tf.zerosLike(map), weights), 1e-8) as tf.Tensor1D,
      }));
      return { targets, lambda: weights };
    },
    value: (step, prepared) => {
      const losses = pyramid(imageHeatmaps(step, options), scales).map((map, i) =>
        distance[form](map, prepared.targets[i]!, prepared.lambda),
      );
      return losses.length === 1 ? losses[0]! : tf.mul(tf.addN(losses), 1 / losses.length);
    },
  });
}

/** The target heat maps at one resolution. */
interface HeatmapTarget {
  [key: string]: tf.Tensor;
  map: tf.Tensor4D;
  /** Σ λH², `[batch]`. */
  energy: tf.Tensor1D;
}

type Distance = (map: tf.Tensor4D, target: HeatmapTarget, lambda: tf.Tensor1D) => tf.Tensor;

const distance: Record<HeatmapForm, Distance> = {
  relative: (map, target, lambda) => tf.div(weightedSquareDistance(map, target.map, lambda), target.energy),
  published: (map, target, lambda) => weightedSum(tf.abs(tf.sub<tf.Tensor4D>(map, target.map)), lambda),
  // 1e-12 under the root keeps the gradient finite for equal maps.
  original: (map, target, lambda) =>
    tf.sqrt(tf.add(weightedSquareDistance(map, target.map, tf.square(lambda)), 1e-12)),
};

/** Σ λ_k · x over cells and points, `[N]`. A matrix product, since tfjs reduces long axes slowly on WASM. */
function weightedSum(x: tf.Tensor4D, lambda: tf.Tensor1D): tf.Tensor {
  const points = lambda.shape[0];
  const perCell = tf.matMul(tf.reshape(x, [-1, points]), tf.reshape(lambda, [points, 1]));
  return tf.sum(tf.reshape(perCell, [x.shape[0], -1]), 1);
}

function pyramid(map: tf.Tensor4D, scales: number): tf.Tensor4D[] {
  const maps = [map];
  while (maps.length < scales) maps.push(halved(maps[maps.length - 1]!));
  return maps;
}

function halved(map: tf.Tensor4D): tf.Tensor4D {
  const even = map.shape[1] % 2 === 0 && map.shape[2] % 2 === 0;
  return even ? averageBy2(map) : tf.avgPool(map, 2, 2, 'valid');
}
