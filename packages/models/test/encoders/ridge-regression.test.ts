import { randomState } from '@faceanim/tensor';
import { describe, expect, it } from 'vitest';
import { maxRelative } from '../../../tensor/test/support/compare';
import { ridgeRegression } from '../../src/encoders/ridge-regression';

const [samples, features, outputs] = [80, 7, 3];
const random = randomState(5);
const normal = (n: number) => Float32Array.from(random.randn(n));
const rows = (count: number, make: (row: number) => Float32Array) =>
  Array.from({ length: count }, (_, i) => make(i));

const xs = rows(samples, () => normal(features).map((x, i) => x * (i + 1) + i));
const weight = normal(features * outputs);
const bias = normal(outputs);
const ys = xs.map((x) => predict(x, { weight, bias }));

/** `x · weight + bias`. */
function predict(x: Float32Array, map: { weight: Float32Array; bias: Float32Array }): Float32Array {
  return map.bias.map((b, k) => x.reduce((sum, value, i) => sum + value * map.weight[i * outputs + k]!, b));
}

const norm = (values: Float32Array) => Math.hypot(...values);

/** Blocks of these sizes with the same ridge. */
const blocks = (ridge: number, ...sizes: number[]) => sizes.map((size) => ({ size, ridge }));

describe('ridge regression', () => {
  it('finds a linear map', async () => {
    const found = ridgeRegression(xs, ys, blocks(1e-9, features));
    expect(await maxRelative(found.weight, weight)).toBeLessThan(1e-5);
    expect(await maxRelative(found.bias, bias)).toBeLessThan(1e-4);
  });

  it('shrinks towards the mean, more so with a larger ridge', async () => {
    const sizes = [1e-3, 0.1, 10].map((ridge) =>
      norm(ridgeRegression(xs, ys, blocks(ridge, features)).weight),
    );
    expect(sizes).toEqual([...sizes].sort((a, b) => b - a));
    const flat = ridgeRegression(xs, ys, blocks(1e9, features));
    expect(norm(flat.weight)).toBeLessThan(1e-6 * norm(weight));
    const mean = bias.map((_, k) => ys.reduce((sum, y) => sum + y[k]! / samples, 0));
    expect(await maxRelative(flat.bias, mean)).toBeLessThan(1e-5);
  });

  it('solves the penalised normal equations', () => {
    // One feature of variance v, one output: weight = cov / (v + ridge · v), since features are scaled to variance 1.
    const x = [-2, 1, 4].map((value) => Float32Array.of(value));
    const y = [1, 0, 5].map((value) => Float32Array.of(value));
    const found = ridgeRegression(x, y, blocks(0.5, 1));
    expect(found.weight[0]).toBeCloseTo(4 / (6 * 1.5), 6);
    expect(found.bias[0]).toBeCloseTo(2 - 4 / 9, 6);
  });

  it('applies the ridge of each block', async () => {
    const found = ridgeRegression(xs, ys, [...blocks(1e-9, 4), ...blocks(1e9, 3)]);
    expect(norm(found.weight.slice(4 * outputs))).toBeLessThan(1e-6 * norm(weight));
    const alone = ridgeRegression(
      xs.map((x) => x.slice(0, 4)),
      ys,
      blocks(1e-9, 4),
    );
    expect(await maxRelative(found.weight.slice(0, 4 * outputs), alone.weight)).toBeLessThan(1e-5);
  });

  it('does not depend on the units of a block', async () => {
    const inOtherUnits = xs.map((x) => x.map((value, i) => (i < 4 ? value : 1000 * value)));
    const fit = (x: Float32Array[], ...sizes: number[]) => {
      const map = ridgeRegression(x, ys, blocks(0.1, ...sizes));
      return Float32Array.from(x.slice(0, 10).flatMap((row) => [...predict(row, map)]));
    };
    const before = fit(xs, 4, 3);
    expect(await maxRelative(fit(inOtherUnits, 4, 3), before)).toBeLessThan(1e-4);
    expect(await maxRelative(fit(inOtherUnits, features), fit(xs, features))).toBeGreaterThan(1e-2);
  });

  it('stays finite for features that never change, and for a single sample', () => {
    const constant = xs.map((x) => x.map((value, i) => (i < 4 ? 3 : value)));
    const { weight, bias } = ridgeRegression(constant, ys, blocks(0.01, 4, 3));
    expect([...weight, ...bias].every(Number.isFinite)).toBe(true);
    expect([...weight.slice(0, 4 * outputs)].every((value) => Math.abs(value) < 1e-6)).toBe(true);
    const one = ridgeRegression(xs.slice(0, 1), ys.slice(0, 1), blocks(0.01, features));
    expect(norm(one.weight)).toBe(0);
    expect([...one.bias]).toEqual([...ys[0]!]);
  });
});
