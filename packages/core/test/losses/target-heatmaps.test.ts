import { randomState } from '@faceanim/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { eachBackend } from '../../../tensor/test/support/backends';
import { heatmapShape } from '../../src/landmarks/heatmap-shape';
import { type FrameContext, targetHeatmaps } from '../../src/losses';
import { tinyDriver, tinyLandmarkNet } from '../../src/testing';

const [size, points] = [32, 68];

/** A Gaussian for each landmark at these cells. */
function bumps(cells: Float64Array): Float32Array {
  return Float32Array.from({ length: size * size * points }, (_, i) => {
    const [p, cell] = [i % points, Math.floor(i / points)];
    const dx = (cell % size) + 0.5 - cells[2 * p]!;
    const dy = Math.floor(cell / size) + 0.5 - cells[2 * p + 1]!;
    return Math.exp(-(dx * dx + dy * dy) / 3);
  });
}

eachBackend(() => {
  it('are drawn at the target landmarks of every frame', () => {
    using tiny = tinyLandmarkNet();
    const net = { ...tiny, heatmapSize: size };
    const shape = heatmapShape([bumps(new Float64Array(136).fill(15.5))], { points, size });
    const drivers = tinyDriver(2).map((frame, k) => ({
      ...frame,
      targetLandmarks: Float64Array.from(randomState(k).randn(136), (x) => 8 + 2 * Math.tanh(x)),
    }));
    const values = tf.tidy(() => {
      const frame: FrameContext = {
        index: 0,
        drivers,
        mean: tf.zeros([1, 1, 6]),
        memo: (_, compute) => compute(),
        heatmapShape: { net, shape },
      };
      const maps = targetHeatmaps(frame, { net });
      expect(maps.shape).toEqual([2, size, size, points]);
      return maps.dataSync() as Float32Array;
    });
    for (const [k, { targetLandmarks }] of drivers.entries()) {
      const own = values.slice((k * values.length) / 2, ((k + 1) * values.length) / 2);
      // 32 cells for 16 pixels.
      const wanted = bumps(targetLandmarks.map((value) => 2 * value));
      expect(own.reduce((most, value, i) => Math.max(most, Math.abs(value - wanted[i]!)), 0)).toBeLessThan(
        0.05,
      );
    }
  });
});
