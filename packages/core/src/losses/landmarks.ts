import { softArgmax } from '@faceanim/tensor';
import { checkOptions, type OptionChecks, positiveNumber } from '@faceanim/tensor/options';
import * as tf from '@tensorflow/tfjs-core';
import { landmarkWeights } from '../landmarks/groups';
import { driverHeatmaps, imageHeatmaps } from './landmark-heatmaps';
import { type LandmarkTermOptions, landmarkTermChecks, landmarkTermSettings } from './landmark-options';
import type { LossTerm } from './loss-term';

/** Options of {@link landmarks}. */
export interface LandmarksOptions extends LandmarkTermOptions {
  /** s in the weight `expm1(s · relu(H))` of a cell; larger is closer to the highest cell. Default 15. */
  sharpness?: number;
  /** Distance in heat-map cells beyond which the pull stays constant (Huber). Default 1. */
  delta?: number;
}

const checks: OptionChecks<LandmarksOptions> = {
  ...landmarkTermChecks,
  sharpness: positiveNumber,
  delta: positiveNumber,
};

/**
 * Coordinates of the landmarks of the result against those of the driver frame, in heat-map cells: mean position of the
 * cells, weighted by `expm1(15 · relu(H))`, pseudo-Huber distance, weighted mean over points. It pulls from any distance,
 * where heat maps pull only when they overlap.
 *
 * A soft arg-max as in Luvizon et al. 2017 (arXiv 1710.02322), with other weights: in their softmax thousands of empty
 * cells weigh as much as a peak, and positions slide to the middle of the picture. A point without any heat in the
 * driver's map takes no part; one without any in the result is taken to be in the middle and is not pulled: {@link heatmaps}
 * brings its peak back.
 *
 * @throws {FaceanimError} `invalid-option` unless `sharpness` and `delta` are positive numbers.
 */
export function landmarks(options: LandmarksOptions): LossTerm<{ target: tf.Tensor3D; lambda: tf.Tensor2D }> {
  checkOptions('landmarks', options, checks, { prefix: 'landmarks.', required: ['net'] });
  const { net, weight = 1, groups, sharpness = 15, delta = 1 } = options;
  const lambda = landmarkWeights(groups, net);
  const sum = lambda.reduce((a, b) => a + b, 0);
  const normalized = lambda.map((value) => (sum > 0 ? value / sum : 0));
  return {
    specificationVersion: 'v1',
    name: 'landmarks',
    weight,
    settings: { ...landmarkTermSettings(options), sharpness, delta },
    prepare: (frame) => {
      const found = softArgmax(driverHeatmaps(frame, options), sharpness);
      const [n, points] = found.shape;
      const sure = tf.reshape(tf.slice(found, [0, 0, 2], [-1, -1, 1]), [n, points]);
      return { target: positions(found), lambda: tf.mul<tf.Tensor2D>(sure, tf.tensor1d(normalized)) };
    },
    value: (step, { target, lambda }) => {
      const found = positions(softArgmax(imageHeatmaps(step, options), sharpness));
      const squares = tf.sum(tf.square(tf.sub(found, target)), 2);
      // Pseudo-Huber: quadratic near 0, linear far away, smooth in between.
      const distance = tf.mul(tf.sub(tf.sqrt(tf.add(tf.div(squares, delta * delta), 1)), 1), delta * delta);
      return tf.sum(tf.mul(distance, lambda), 1);
    },
  };
}

/** x and y alone, `[N, points, 2]`. */
const positions = (found: tf.Tensor3D): tf.Tensor3D => tf.slice(found, [0, 0, 0], [-1, -1, 2]);
