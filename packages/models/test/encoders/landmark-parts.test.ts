import { expect, it } from 'vitest';
import { landmarkParts, partSizes, weightsOfLandmarks } from '../../src/encoders/landmark-parts';

const landmarks = Float64Array.from({ length: 136 }, (_, i) => Math.sin(i * i));
const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

it('splits landmarks into the positions and shapes of seven parts', () => {
  const parts = landmarkParts(landmarks);
  expect(partSizes.places).toBe(14);
  expect(sum(partSizes.shapes)).toBe(136);
  expect(parts).toHaveLength(150);
  // Landmarks 36 to 41, an eye: its centre, then a point relative to it.
  const xs = Array.from(landmarks.subarray(72, 84)).filter((_, i) => i % 2 === 0);
  expect(parts[8]).toBeCloseTo(sum(xs) / 6, 6);
  expect(parts[14 + 72]).toBeCloseTo(xs[0]! - sum(xs) / 6, 6);
});

it('keeps shapes the same when a face is shifted', () => {
  const shifted = landmarkParts(landmarks.map((value) => value + 0.25));
  const parts = landmarkParts(landmarks);
  parts.forEach((value, i) => {
    expect(shifted[i]).toBeCloseTo(i < 14 ? value + 0.25 : value, 6);
  });
});

it('converts weights of parts to weights of landmarks', () => {
  const weights = Float32Array.from({ length: 150 * 3 }, (_, i) => Math.cos(i));
  const folded = weightsOfLandmarks(weights, 3);
  const product = (values: ArrayLike<number>, by: Float32Array, k: number) =>
    sum(Array.from(values, (value, i) => value * by[3 * i + k]!));
  for (const k of [0, 1, 2]) {
    expect(product(landmarks, folded, k)).toBeCloseTo(product(landmarkParts(landmarks), weights, k), 4);
  }
});
