import * as tf from '@tensorflow/tfjs-core';
import type { LossTerm } from '../contracts/loss-term';
import type { ScalarOrSchedule } from '../contracts/progress';
import { type GroupWeights, landmarkWeights } from '../landmarks/groups';

/** Options of {@link landmarks}. */
export interface LandmarksOptions {
  /** Default 1. */
  weight?: ScalarOrSchedule;
  /** λ_landmark: weights of landmark groups; groups that are left out keep their default. */
  groups?: GroupWeights;
  /** Factor of the heat maps in the softmax; larger is closer to the peak. Default 15. */
  sharpness?: number;
  /** Distance in heat-map cells beyond which the pull stays constant (Huber). Default 1. */
  delta?: number;
}

/**
 * Coordinates of the landmarks of the result against those of the driver frame, in heat-map cells: soft arg-max of
 * the heat maps (softmax over cells, expected position; Luvizon et al. 2017, arXiv 1710.02322), Huber distance,
 * weighted mean over points. It pulls from any distance, where heat maps pull only when they overlap.
 */
export function landmarks({
  weight = 1,
  groups,
  sharpness = 15,
  delta = 1,
}: LandmarksOptions = {}): LossTerm<{ target: tf.Tensor3D; lambda: tf.Tensor1D; grid: tf.Tensor2D }> {
  const lambda = landmarkWeights(groups);
  const sum = lambda.reduce((a, b) => a + b, 0);
  const normalized = lambda.map((value) => (sum > 0 ? value / sum : 0));
  return {
    specificationVersion: 'v1',
    name: 'landmarks',
    weight,
    requires: ['driver', 'landmarkNet'],
    prepare: ({ driverHeatmaps }) => {
      const grid = cellGrid(driverHeatmaps!.shape[1], driverHeatmaps!.shape[2]);
      return { grid, target: softArgmax(driverHeatmaps!, grid, sharpness), lambda: tf.tensor1d(normalized) };
    },
    value: ({ heatmaps }, { target, lambda, grid }) => {
      const squares = tf.sum(tf.square(tf.sub(softArgmax(heatmaps(), grid, sharpness), target)), 2);
      // Pseudo-Huber: quadratic near 0, linear far away, smooth in between.
      const distance = tf.mul(tf.sub(tf.sqrt(tf.add(tf.div(squares, delta * delta), 1)), 1), delta * delta);
      return tf.sum(tf.mul(distance, lambda), 1);
    },
  };
}

/** Rows (x, y, 1) of all cells, row by row: `[height * width, 3]`. */
function cellGrid(height: number, width: number): tf.Tensor2D {
  const cells = Array.from({ length: height * width }, (_, i) => [i % width, Math.floor(i / width), 1]);
  return tf.tensor2d(cells as [number, number, number][]);
}

/** Expected position `[N, points, 2]` (x, y) in cells under the softmax of each heat map. */
function softArgmax(heatmaps: tf.Tensor4D, grid: tf.Tensor2D, sharpness: number): tf.Tensor3D {
  const [n, h, w, points] = heatmaps.shape;
  // One matrix product gives Σp·x, Σp·y and Σp; heat maps peak near 1, so the exponential needs no shift.
  const p = tf.exp(tf.mul(tf.reshape(heatmaps, [n, h * w, points]), sharpness));
  const tiled = tf.add(tf.expandDims(grid, 0), tf.zeros([n, 1, 1]));
  const sums = tf.matMul<tf.Tensor3D>(p, tiled, true);
  return tf.div(tf.slice(sums, [0, 0, 0], [-1, -1, 2]), tf.slice(sums, [0, 0, 2], [-1, -1, 1]));
}
