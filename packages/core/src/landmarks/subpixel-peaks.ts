import { findPeaks, type PeakOptions } from '@faceanim/tensor';
import type * as tf from '@tensorflow/tfjs-core';
import type { DecodedHeatmaps } from './decode';

/** How landmarks are placed between cells, for peaks that are about 1 high. */
export const peakOptions: PeakOptions = { radius: 3, sharpness: 10 };

/** The landmarks of heat maps, as `decodeSubpixel` finds them, on the device: x, y and the height of every peak, `[N, points, 3]`. */
export function subpixelPeaks(heatmaps: tf.Tensor4D): tf.Tensor3D {
  return findPeaks(heatmaps, peakOptions);
}

/** Takes apart the values of {@link subpixelPeaks} of one image. */
export function decodedPeaks(peaks: Float32Array): DecodedHeatmaps {
  const points = peaks.length / 3;
  return {
    points: Float64Array.from({ length: 2 * points }, (_, i) => peaks[3 * (i >> 1) + (i % 2)]!),
    scores: Float32Array.from({ length: points }, (_, p) => peaks[3 * p + 2]!),
  };
}
