import { randomState } from '@faceanim/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { eachBackend } from '../../../tensor/test/support/backends';
import { type AdamOptions, adam } from '../../src/optimizers/adam';
import type { OptimizerPosition } from '../../src/optimizers/optimizer';
import { latentNoiseAt, learningRateAt } from '../../src/optimizers/schedules';
import { openOptimizer } from '../optimization/support';

eachBackend(() => {
  it('Adam takes the steps of the paper', async () => {
    const { beta1, beta2, epsilon, rate } = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, rate: 0.1 };
    let x = 2;
    let m = 0;
    let v = 0;
    const optimizer = adam({ beta2, learningRate: { rate, rampUp: 0, rampDown: 0 } });
    tf.tidy(() => {
      const run = openOptimizer(optimizer, [[x]]);
      for (let t = 1; t <= 5; t++) {
        const g = 2 * x + Math.sin(t);
        m = beta1 * m + (1 - beta1) * g;
        v = beta2 * v + (1 - beta2) * g * g;
        x -= (rate * (m / (1 - beta1 ** t))) / (Math.sqrt(v / (1 - beta2 ** t)) + epsilon);
        run.step({ values: [0], gradients: [[g]] });
        expect(run.points()[0]![0]).toBeCloseTo(x, 5);
      }
    });
  });
});

/** The middle of a frame, where no ramp changes the rate. */
const middle: OptimizerPosition = {
  ...{ frame: 0, step: 50, steps: 100, shape: [2, 1, 3] },
  space: { name: 'whitened-w', std: 1 },
  weights: Float32Array.of(1),
  random: randomState(1),
};

/** The learning rate of an Adam with beta1 = 0, which has no bias correction. */
const rateAt = (options: AdamOptions, at: Partial<OptimizerPosition> = {}) =>
  adam({ ...options, beta1: 0 }).inputs!({ ...middle, ...at }).size!.data[0];

it('Adam has one rate for the first frame and one for later frames, and defaults by space', () => {
  const w = { space: { name: 'w', std: 1 } } as const;
  expect(rateAt({ learningRate: 0.5 }, { frame: 3 })).toBeCloseTo(0.5);
  expect(rateAt({ learningRate: { first: 0.3, next: 0.2 } })).toBeCloseTo(0.3);
  expect(rateAt({ learningRate: { first: 0.3, next: 0.2 } }, { frame: 1 })).toBeCloseTo(0.2);
  expect(rateAt({ learningRate: { rate: 0.4, rampUp: 1 } })).toBeCloseTo((0.4 * 51) / 101);
  expect([rateAt({}), rateAt({}, { frame: 1 })]).toEqual([expect.closeTo(0.07), expect.closeTo(0.045)]);
  expect([rateAt({}, w), rateAt({}, { ...w, frame: 1 })]).toEqual([expect.closeTo(0.1), expect.closeTo(0.1)]);
});

it('Adam draws latent noise in units of the space, and its random numbers do not depend on the schedule', () => {
  const draw = (factor: number, step: number, std = 1) => {
    const at = { ...middle, step, space: { ...middle.space, std }, random: randomState(1) };
    return adam({ latentNoise: { factor } }).inputs!(at).latentNoise!;
  };
  const whole = draw(1, 0);
  expect(whole.shape).toEqual([2, 1, 3]);
  expect(whole.data).toEqual(Float32Array.from(randomState(1).randn(6)));
  expect(draw(0.5, 0, 4).data).toEqual(whole.data.map((x) => 2 * x));
  expect(draw(1, 80).data.every((x) => x === 0)).toBe(true);
  expect(adam().inputs!(middle)).not.toHaveProperty('latentNoise');
});

it('the learning rate follows the projector: from 0 up within 5 %, down along a cosine over the last quarter', () => {
  const at = (step: number) => learningRateAt({ rate: 0.1, offset: 0 }, step, 1000);
  expect(at(0)).toBe(0);
  expect(at(25)).toBeCloseTo(0.05);
  expect(at(50)).toBeCloseTo(0.1);
  expect(at(750)).toBeCloseTo(0.1);
  expect(at(875)).toBeCloseTo(0.05);
  expect(at(1000)).toBeCloseTo(0);
  expect(learningRateAt({ rate: 0.1 }, 0, 10)).toBeGreaterThan(0);
});

it('latent noise fades quadratically until three quarters of the steps', () => {
  const at = (step: number) => latentNoiseAt({ factor: 0.05 }, step, 100);
  expect(at(0)).toBe(0.05);
  expect(at(37.5)).toBeCloseTo(0.0125);
  expect(at(75)).toBe(0);
  expect(at(99)).toBe(0);
});
