import { type Arithmetic, customOp, pointwise, rowOf, softArgmax } from '@faceanim/tensor';
import { checkOptions, type OptionChecks, positiveNumber } from '@faceanim/tensor/options';
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

/** Options of {@link landmarks}. */
export interface LandmarksOptions extends LandmarkTermOptions {
  /** Sharpness s of the soft arg-max, which weights a cell by `expm1(s · relu(H))`. Larger is closer to the peak. Default 15. */
  sharpness?: number;
  /** Distance in heat-map cells up to which the loss is quadratic; beyond, it is linear (pseudo-Huber). Default 1. */
  delta?: number;
}

const checks: OptionChecks<LandmarksOptions> = {
  ...landmarkTermChecks,
  sharpness: positiveNumber,
  delta: positiveNumber,
};

/**
 * Loss term that compares landmark positions of the result with those of the driver, in heat-map cells: pseudo-Huber
 * distance, weighted mean over points. Unlike {@link heatmaps}, it has a gradient at any distance.
 *
 * Positions come from a soft arg-max as in Luvizon et al. 2017 (arXiv 1710.02322), with weights `expm1(s · relu(H))`: with
 * their softmax, thousands of empty cells would weigh as much as a peak and draw positions to the middle of the picture. A
 * point whose heat map is empty in the driver is ignored. A point whose heat map is empty in the result counts as in the
 * middle and has no gradient; {@link heatmaps} restores its peak.
 *
 * @throws {FaceanimError} `invalid-option` unless `sharpness` and `delta` are positive numbers.
 */
export function landmarks(options: LandmarksOptions): LossTerm<{ target: tf.Tensor3D; lambda: tf.Tensor2D }> {
  checkOptions('landmarks', options, checks, { prefix: 'landmarks.', required: ['net'] });
  const { net, name = 'landmarks', weight = 1, groups, sharpness = 15, delta = 1 } = options;
  const lambda = landmarkWeights(groups, net);
  const sum = lambda.reduce((a, b) => a + b, 0);
  const normalized = lambda.map((value) => (sum > 0 ? value / sum : 0));
  return withKey([landmarks, net], {
    specificationVersion: 'v1',
    name,
    weight,
    imageSize: landmarkImageSize(options),
    settings: { ...landmarkTermSettings(options), sharpness, delta },
    check: (run) => checkTargetView(run, options),
    preparesTargets: true,
    prepare: (frame) => {
      const found = softArgmax(targetHeatmaps(frame, options), sharpness);
      const [n, points] = found.shape;
      const present = tf.reshape(tf.slice(found, [0, 0, 2], [-1, -1, 1]), [n, points]);
      return { target: positions(found), lambda: tf.mul<tf.Tensor2D>(present, tf.tensor1d(normalized)) };
    },
    value: (step, { target, lambda }) =>
      huberDistance(softArgmax(imageHeatmaps(step, options), sharpness), target, lambda, delta),
  });
}

/** x and y alone, `[N, points, 2]`. */
const positions = (found: tf.Tensor3D): tf.Tensor3D => tf.slice(found, [0, 0, 0], [-1, -1, 2]);

/**
 * Pseudo-Huber distance of positions, quadratic near 0 and linear far away, as a weighted sum over points `[N]`.
 * Differentiable in `found`.
 *
 * @param found `[N, points, 3]`: x, y, and a confidence that does not count
 * @param target `[N, points, 2]`
 * @param lambda `[N, points]`
 */
function huberDistance(
  found: tf.Tensor3D,
  target: tf.Tensor3D,
  lambda: tf.Tensor2D,
  delta: number,
): tf.Tensor {
  const [n, points] = found.shape;
  const perPoint = (x: tf.Tensor) => tf.reshape(x, [n * points, -1, 1]) as tf.Tensor3D;
  const inputs = (found: tf.Tensor, target: tf.Tensor, lambda: tf.Tensor) => ({
    ...{ x: rowOf(perPoint(found), 0), y: rowOf(perPoint(found), 1) },
    ...{ goalX: rowOf(perPoint(target), 0), goalY: rowOf(perPoint(target), 1) },
    ...{ lambda: perPoint(lambda), scale: delta * delta },
  });
  return customOp([found], () => {
    const distances = pointwise('huber', inputs(found, target, lambda), (math, at) => {
      const { root } = huber(math, at);
      return [math.mul(math.mul(math.sub(root, math.constant(1)), at.scale), at.lambda)];
    });
    return {
      value: tf.sum(tf.reshape(distances, [n, points]), 1),
      saved: [found],
      backward: (dy, [found]) => {
        const factors = tf.mul(lambda, tf.reshape(dy, [n, 1]));
        const gradient = pointwise('huberGradient', inputs(found!, target, factors), (math, at) => {
          const { dX, dY, root } = huber(math, at);
          const slope = math.div(at.lambda, root);
          return [math.mul(dX, slope), math.mul(dY, slope), math.constant(0)];
        });
        return tf.reshape(gradient, [n, points, 3]);
      },
    };
  });
}

/** The differences, and the root of 1 + their squared length / scale. */
function huber<T>(math: Arithmetic<T>, at: Readonly<Record<'x' | 'y' | 'goalX' | 'goalY' | 'scale', T>>) {
  const dX = math.sub(at.x, at.goalX);
  const dY = math.sub(at.y, at.goalY);
  const square = math.add(math.mul(dX, dX), math.mul(dY, dY));
  return { dX, dY, root: math.sqrt(math.add(math.div(square, at.scale), math.constant(1))) };
}
