import * as tf from '@tensorflow/tfjs-core';
import { fusedKernel } from './fused-kernel';

/** How {@link findPeaks} places a peak between cells. */
export type PeakOptions = {
  /** How many cells on each side of the highest one are used. */
  readonly radius: number;
  /** Sharpness s of the soft arg-max, which weights a cell by `exp(s · heat)`. */
  readonly sharpness: number;
};

/**
 * Finds the peaks of heat maps `[N, H, W, points]`: the highest cell, the first of equal ones, and around it a soft arg-max.
 * Not differentiable; {@link softArgmax} is.
 *
 * @returns `[N, points, 3]`: x and y in cells, where the centre of the first one is at 0.5, and the height.
 */
export function findPeaks(heatmaps: tf.Tensor4D, options: PeakOptions): tf.Tensor3D {
  return fusedKernel('faceanim/FindPeaks', { x: heatmaps }, options, () =>
    tf.tidy(() => plain(heatmaps, options)),
  );
}

function plain(heatmaps: tf.Tensor4D, { radius, sharpness }: PeakOptions): tf.Tensor3D {
  const [n, height, width, points] = heatmaps.shape;
  const maps = tf.transpose(heatmaps, [0, 3, 1, 2]);
  const flat = tf.reshape(maps, [n, points, height * width]);
  const highest = tf.max(flat, 2, true);
  const peak = tf.cast(tf.expandDims(tf.argMax(flat, 2), 2), 'float32');
  const row = tf.floor(tf.div(tf.add(peak, 0.5), width));
  const column = tf.sub(peak, tf.mul(row, width));
  /** 1 for the rows or columns that are near. */
  const near = (count: number, one: tf.Tensor) =>
    tf.cast(tf.lessEqual(tf.abs(tf.sub(tf.range(0, count), one)), radius), 'float32');
  const heat = tf.exp(tf.mul(tf.sub(maps, tf.expandDims(highest, 3)), sharpness));
  const inRows = tf.mul(heat, tf.expandDims(near(height, row), 3));
  const weights = tf.mul(inRows, tf.expandDims(near(width, column), 2));
  const [ofRows, ofColumns] = [tf.sum(weights, 3), tf.sum(weights, 2)];
  const mean = (of: tf.Tensor, count: number) =>
    tf.div(tf.sum(tf.mul(of, tf.range(0.5, count)), 2, true), tf.sum(of, 2, true));
  return tf.concat([mean(ofColumns, width), mean(ofRows, height), highest], 2) as tf.Tensor3D;
}
