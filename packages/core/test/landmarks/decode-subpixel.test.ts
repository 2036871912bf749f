import { read } from '@faceanim/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { eachBackend } from '../../../tensor/test/support/backends';
import { decodeHeatmaps } from '../../src/landmarks/decode';
import { decodeSubpixel } from '../../src/landmarks/decode-subpixel';
import { decodedPeaks, subpixelPeaks } from '../../src/landmarks/subpixel-peaks';

const size = 16;

/** Heat maps with a Gaussian (sigma 1.25 cells, as FAN is trained) around each point. */
function gaussians(points: [number, number][]): Float32Array {
  const maps = new Float32Array(size * size * points.length);
  for (let cell = 0, i = 0; cell < size * size; cell++) {
    for (const [x, y] of points) {
      const square = ((cell % size) + 0.5 - x) ** 2 + (Math.floor(cell / size) + 0.5 - y) ** 2;
      maps[i++] = 0.8 * Math.exp(-square / (2 * 1.25 ** 2));
    }
  }
  return maps;
}

it('finds a point between cells more accurately than quarter steps', () => {
  const points: [number, number][] = Array.from({ length: 40 }, (_, i) => [5 + 0.137 * i, 9.9 - 0.091 * i]);
  const maps = gaussians(points);
  const shape = { points: points.length, size };
  const worst = (decoded: Float64Array) =>
    Math.max(...decoded.map((value, i) => Math.abs(value - points[i >> 1]![i % 2]!)));
  expect(worst(decodeSubpixel(maps, shape).points)).toBeLessThan(0.05);
  expect(worst(decodeHeatmaps(maps, shape).points)).toBeGreaterThan(0.2);
  expect(decodeSubpixel(maps, shape).scores).toEqual(decodeHeatmaps(maps, shape).scores);
});

it('stays inside the map at its border', () => {
  const { points } = decodeSubpixel(gaussians([[0.5, 15.5]]), { points: 1, size });
  expect(points[0]).toBeGreaterThanOrEqual(0.5);
  expect(points[1]).toBeLessThanOrEqual(15.5);
});

eachBackend((backend) => {
  it('finds the same on the device, also at the border and of equal cells', async () => {
    const points: [number, number][] = [
      ...Array.from({ length: 12 }, (_, i): [number, number] => [1.3 + 1.17 * i, 14.7 - 1.09 * i]),
      [0.5, 15.5],
      [15.9, 0.1],
      [8, 8],
    ];
    const maps = gaussians(points);
    const expected = decodeSubpixel(maps, { points: points.length, size });
    const found = decodedPeaks(
      await read(tf.tidy(() => subpixelPeaks(tf.tensor4d(maps, [1, size, size, points.length])))),
    );
    const furthest = found.points.map((value, i) => Math.abs(value - expected.points[i]!));
    expect(Math.max(...furthest), backend).toBeLessThan(1e-4);
    expect(found.scores).toEqual(expected.scores);
  });
});
