import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { eachBackend } from '../../../tensor/test/support/backends';
import { drawHeatmaps, type HeatmapShape, heatmapShape } from '../../src/landmarks/heatmap-shape';

const layout = { points: 2, size: 32 };
/** One point sharp and high, the other low and broad along x. */
const spread = [
  { height: 0.9, x: 1.3, y: 1.3 },
  { height: 0.4, x: 2.6, y: 1.5 },
];

function gaussians(landmarks: readonly number[]): Float32Array {
  const { points, size } = layout;
  return Float32Array.from({ length: size * size * points }, (_, index) => {
    const p = index % points;
    const cell = Math.floor(index / points);
    const { height, x, y } = spread[p]!;
    const dx = (cell % size) + 0.5 - landmarks[2 * p]!;
    const dy = Math.floor(cell / size) + 0.5 - landmarks[2 * p + 1]!;
    return height * Math.exp(-((dx / x) ** 2 + (dy / y) ** 2) / 2);
  });
}

const seen = [
  [12.5, 14.5, 17.5, 15.5],
  [13.1, 15.8, 16.2, 14.9],
];

async function drawn(shape: HeatmapShape, landmarks: number[]): Promise<Float32Array> {
  const maps = tf.tidy(() => drawHeatmaps(shape, tf.tensor2d(landmarks, [landmarks.length / 2, 2])));
  const values = (await maps.data()) as Float32Array;
  maps.dispose();
  return values;
}

eachBackend(() => {
  it('draws landmarks as they were seen, wherever they are', async () => {
    const shape = heatmapShape(seen.map(gaussians), layout);
    for (const place of [
      [16.5, 16.5, 15.5, 12.5],
      [10.2, 18.7, 20.9, 9.4],
      [1.3, 30.6, 31.2, 2.1],
    ]) {
      const expected = gaussians(place);
      const maps = await drawn(shape, place);
      const furthest = Math.max(...maps.map((value, i) => Math.abs(value - expected[i]!)));
      expect(furthest, `${place}`).toBeLessThan(0.03);
    }
  });

  it('draws nothing where there is no landmark, or far from it', async () => {
    const shape = heatmapShape(seen.map(gaussians), layout);
    for (const nowhere of [Number.NaN, -40, 1e6, Number.POSITIVE_INFINITY]) {
      const maps = await drawn(shape, [nowhere, 5, 16.2, 16]);
      const [first, second] = [0, 1].map((p) => maps.filter((_, i) => i % 2 === p));
      expect(Math.max(...first!.map(Math.abs)), `${nowhere}`).toBe(0);
      expect(Math.max(...second!)).toBeGreaterThan(0.3);
      // A row of 32 cells: the patch reaches 8 to either side of the landmark.
      const far = [...second!].flatMap((value, cell) =>
        Math.abs((cell % 32) + 0.5 - 16.2) > 8 ? [value] : [],
      );
      expect(Math.max(...far.map(Math.abs))).toBe(0);
    }
  });
});

it('refuses what does not fit', () => {
  const refused = expect.objectContaining({ code: 'invalid-option' });
  const shape = heatmapShape([gaussians(seen[0]!)], layout);
  expect(() => heatmapShape([], layout)).toThrow(refused);
  expect(() => heatmapShape([new Float32Array(9)], layout)).toThrow(refused);
  expect(() => tf.tidy(() => drawHeatmaps(shape, tf.zeros([68, 2])))).toThrow(refused);
});
