import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { eachBackend } from '../../../tensor/test/support/backends';
import { type QuasiNewtonOptions, quasiNewton } from '../../src/optimizers/quasi-newton';
import { openOptimizer } from '../optimization/support';

/** Value and gradient of a function of a point. */
type Smooth = (x: readonly number[]) => { value: number; gradient: number[] };

/** A narrow bowl: curvatures from 0.05 to 20. */
const bowl: Smooth = (x) => {
  const curvature = x.map((_, i) => 0.05 * 400 ** (i / (x.length - 1)));
  return {
    value: x.reduce((sum, xi, i) => sum + 0.5 * curvature[i]! * (xi - 1) ** 2, 0),
    gradient: x.map((xi, i) => curvature[i]! * (xi - 1)),
  };
};

/** Rosenbrock's curved valley, which is not convex. */
const valley: Smooth = ([x, y]) => ({
  value: (1 - x!) ** 2 + 10 * (y! - x! ** 2) ** 2,
  gradient: [-2 * (1 - x!) - 40 * x! * (y! - x! ** 2), 20 * (y! - x! ** 2)],
});

/** The best values after each step, one list per point of the batch. */
function descend(f: Smooth, starts: number[][], steps: number, options?: QuasiNewtonOptions): number[][] {
  return tf.tidy(() => {
    const run = openOptimizer(quasiNewton(options), starts);
    const history: number[][] = starts.map(() => []);
    for (let step = 0; step < steps; step++) {
      const at = run.points().map(f);
      run.step({ values: at.map(({ value }) => value), gradients: at.map(({ gradient }) => gradient) });
      run.state('value').forEach(([value], i) => {
        history[i]!.push(value!);
      });
    }
    return history;
  });
}

eachBackend(() => {
  it('quasi-Newton finds the bottom of a narrow bowl', () => {
    const before = tf.memory().numTensors;
    const [values] = descend(bowl, [Array(12).fill(0)], 50);
    expect(values![0]).toBeGreaterThan(10);
    expect(values!.at(-1)).toBeLessThan(1e-3);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('quasi-Newton finds the bottom of a curved valley, and never goes up', () => {
    const [values] = descend(valley, [[-1.2, 1]], 80, { trustRadius: 0.2, maxTrustRadius: 1 });
    values!.reduce((last, value) => {
      expect(value).toBeLessThanOrEqual(last);
      return value;
    });
    expect(values!.at(-1)).toBeLessThan(1e-3);
  });

  it('the points of a batch are independent', () => {
    const starts = [
      [0, 0, 0],
      [2, -1, 3],
    ];
    const together = descend(bowl, starts, 12);
    const alone = starts.map((start) => descend(bowl, [start], 12)[0]!);
    together.forEach((values, i) => {
      values.forEach((value, step) => {
        expect(value).toBeCloseTo(alone[i]![step]!, 4);
      });
    });
  });

  it.each([
    ['a value that is NaN', { value: Number.NaN }],
    ['an infinite value', { value: Number.POSITIVE_INFINITY, gradient: [Number.POSITIVE_INFINITY, 0, 0] }],
    ['a value of minus infinity', { value: Number.NEGATIVE_INFINITY }],
    ['a gradient that is NaN', { value: -1, gradient: [0, Number.NaN, 0] }],
  ])('%s is left again, and the way goes on', (_, broken: Partial<ReturnType<Smooth>>) => {
    let met = 0;
    const cliff: Smooth = (x) => {
      const there = bowl(x);
      if (!x.some((xi) => xi > 1.2)) return there;
      met++;
      return { ...there, ...broken };
    };
    const [values] = descend(cliff, [[0, 0, 0]], 60, { trustRadius: 4, maxTrustRadius: 4 });
    expect(met).toBeGreaterThan(0);
    expect(values!.every((value) => Number.isFinite(value) && value >= 0)).toBe(true);
    expect(values!.at(-1)).toBeLessThan(1e-3);
  });

  it('points that depend on each other are accepted together, so that their values stay true', () => {
    // Every point is pulled to 1 and, strongly, to the previous point, as by smooth in a window.
    const value = (x: number[][], i: number) =>
      x[i]!.reduce((sum, xi, k) => sum + (xi - 1) ** 2 + (i > 0 ? 10 * (xi - x[i - 1]![k]!) ** 2 : 0), 0);
    const gradient = (x: number[][], i: number) =>
      x[i]!.map((xi, k) => {
        const before = i > 0 ? 20 * (xi - x[i - 1]![k]!) : 0;
        const after = i + 1 < x.length ? 20 * (xi - x[i + 1]![k]!) : 0;
        return 2 * (xi - 1) + before + after;
      });
    const starts = [
      [-1, 0, 0],
      [0, 3, 0],
      [0, 0, -2],
    ];
    const total = (x: number[][]) => x.reduce((sum, _, i) => sum + value(x, i), 0);
    /** The total in the state and the total at its points, after each step. */
    const follow = (together: boolean) =>
      tf.tidy(() => {
        const run = openOptimizer(quasiNewton({ trustRadius: 0.5, maxTrustRadius: 2 }), starts);
        return Array.from({ length: 40 }, () => {
          const x = run.points();
          const values = x.map((_, i) => value(x, i));
          run.step({ values, gradients: x.map((_, i) => gradient(x, i)), coupled: together });
          const told = run.state('value').reduce((sum, [v]) => sum + v!, 0);
          return { told, true: total(run.state('anchor')) };
        });
      });
    const steps = follow(true);
    for (const { told, true: measured } of steps) expect(told / measured).toBeCloseTo(1, 3);
    for (const [i, { told }] of steps.slice(1).entries()) expect(told).toBeLessThanOrEqual(steps[i]!.told);
    expect(steps.at(-1)!.told).toBeLessThan(0.01 * steps[0]!.told);
    // Accepted separately, points keep values that belong to rejected neighbours.
    expect(follow(false).some(({ told, true: measured }) => Math.abs(told / measured - 1) > 0.05)).toBe(true);
  });
});
