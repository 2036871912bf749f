import * as tf from '@tensorflow/tfjs-core';
import { drawHeatmaps } from '../landmarks/heatmap-shape';
import type { TargetHeatmapShape } from './loss-term';

/**
 * Draws the heat maps of target landmarks, `[1, heatmapSize, heatmapSize, points]`.
 *
 * @param landmarks in sides of the picture, `[points, 2]`.
 */
export function drawTarget({ net, shape }: TargetHeatmapShape, landmarks: tf.Tensor2D): tf.Tensor4D {
  return tf.tidy(() => drawHeatmaps(shape, tf.mul(landmarks, net.heatmapSize)));
}
