import { expect, it } from 'vitest';
import { deviation, mean, pearson, quantile, slope } from '../../src/report/series';

it('measures one series', () => {
  expect(mean([1, 2, 6])).toBe(3);
  expect(deviation([1, 1, 3, 3])).toBe(1);
});

it('fits a line to two', () => {
  const x = [0, 1, 2, 5];
  const y = x.map((value) => 3 - 2 * value);
  expect(pearson(x, y)).toBeCloseTo(-1, 12);
  expect(slope(x, y)).toBeCloseTo(-2, 12);
  expect(pearson([1, 2, 3], [1, 3, 2])).toBeCloseTo(0.5, 12);
});

it('gives NaN for a constant series', () => {
  expect(pearson([1, 1], [1, 2])).toBeNaN();
  expect(slope([1, 1], [1, 2])).toBeNaN();
});

it('finds the value that a share of a series stays below', () => {
  expect(quantile([9, 1, 5], 0.5)).toBe(5);
  expect(quantile([4, 1, 3, 2], 0.5)).toBe(2.5);
  expect(quantile([0, 10, 20, 30, 40], 0.95)).toBeCloseTo(38, 12);
  expect(quantile([7], 0.95)).toBe(7);
  expect(quantile([], 0.5)).toBeNaN();
});
