import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { type QuasiNewtonOptions, quasiNewton } from '../../src/optim/quasi-newton';
import { eachBackend } from '../support/backends';

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
    const optimizer = quasiNewton(options);
    let points: tf.Tensor = tf.tensor2d(starts);
    let state = optimizer.init(points);
    const history: number[][] = starts.map(() => []);
    for (let step = 0; step < steps; step++) {
      const at = (points.arraySync() as number[][]).map(f);
      const next = optimizer.update(
        points,
        tf.tensor2d(at.map(({ value }) => [value])),
        tf.tensor2d(at.map(({ gradient }) => gradient)),
        state,
      );
      ({ points, state } = next);
      (state.value.arraySync() as number[][]).forEach(([value], i) => {
        history[i]!.push(value!);
      });
    }
    return history;
  });
}

eachBackend(() => {
  it('quasi-Newton steps find the bottom of a narrow bowl', () => {
    const before = tf.memory().numTensors;
    const [values] = descend(bowl, [Array(12).fill(0)], 50);
    expect(values![0]).toBeGreaterThan(10);
    expect(values!.at(-1)).toBeLessThan(1e-3);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('and of a curved valley, never going up', () => {
    const [values] = descend(valley, [[-1.2, 1]], 80, { radius: 0.2, maxRadius: 1 });
    values!.reduce((last, value) => {
      expect(value).toBeLessThanOrEqual(last);
      return value;
    });
    expect(values!.at(-1)).toBeLessThan(1e-3);
  });

  it('the points of a batch go their own ways', () => {
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
});
