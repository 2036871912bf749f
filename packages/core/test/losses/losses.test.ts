import { asImageTensor, randomState } from '@faceanim/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { eachBackend } from '../../../tensor/test/support/backends';
import { maxRelative } from '../../../tensor/test/support/compare';
import type { FrameContext, LossTerm, StepContext } from '../../src/contracts/loss-term';
import { standardLandmarkInput } from '../../src/landmarks/landmark-input';
import { fidelity, heatmaps, landmarks, lpips, noise, pixel, prior, realism, smooth } from '../../src/losses';
import { latentSpace } from '../../src/optim/latent-space';
import { createObjective } from '../../src/optim/objective';
import {
  checkLossTerm,
  type LossTermCheckOptions,
  tinyDiscriminator,
  tinyGenerator,
  tinyLandmarkNet,
  tinyPerceptualNet,
} from '../../src/testing';

const cases: [string, LossTerm, LossTermCheckOptions?][] = [
  ['lpips', lpips()],
  ['pixel', pixel()],
  ['heatmaps, relative', heatmaps()],
  ['heatmaps, relative, three scales', heatmaps({ scales: 3 })],
  ['heatmaps, published', heatmaps({ form: 'published' }), { epsilon: 1e-3 }],
  ['heatmaps, original', heatmaps({ form: 'original', groups: { outerLip: 5, jaw: 0 } })],
  ['landmarks', landmarks()],
  ['landmarks, far', landmarks({ sharpness: 4, delta: 0.1 })],
  ['smooth, l2', smooth()],
  ['smooth, original', smooth({ norm: 'original' }), { epsilon: 1e-3 }],
  ['fidelity, l2', fidelity()],
  ['fidelity, original', fidelity({ norm: 'original' }), { epsilon: 1e-3 }],
  ['prior, inside the wall', prior(), { scale: 0.2 }],
  ['prior, beyond the wall', prior({ wall: 2, limit: 0.5 }), { scale: 2 }],
  ['realism', realism()],
  ['noise', noise(), { inNoise: true }],
  ['pixel, in the noise maps', pixel(), { inNoise: true }],
];

eachBackend(() => {
  it.each(cases)(
    '%s: the gradient agrees with finite differences and nothing leaks',
    async (_, term, options) => {
      const { value, gradientNorm, relativeError, leaked } = await checkLossTerm(term, options);
      expect(value).toBeGreaterThan(0);
      expect(gradientNorm).toBeGreaterThan(0);
      expect(relativeError).toBeLessThan(1e-2);
      expect(leaked).toBe(0);
    },
  );
});

eachBackend(() => {
  it.each(cases.filter(([, , options]) => !options?.inNoise))(
    '%s: a batch of frames gives the values of each, and the smooth terms alone tie them together',
    async (_, term) => {
      using lab = openLab();
      const batch = await lab.evaluate(term, [0, 1, 2], undefined);
      expect(batch.losses).toHaveLength(3);
      for (const i of [0, 1, 2]) {
        const alone = await lab.evaluate(term, [i], i === 0 ? undefined : i - 1);
        expect(await maxRelative(batch.losses.slice(i, i + 1), alone.losses)).toBeLessThan(1e-5);
        const gradient = batch.gradient.slice(
          (i * batch.gradient.length) / 3,
          ((i + 1) * batch.gradient.length) / 3,
        );
        const error = await maxRelative(gradient, alone.gradient);
        if (term.name === 'smooth' && i < 2) expect(error).toBeGreaterThan(1e-2);
        else expect(error).toBeLessThan(1e-4);
      }
    },
  );
});

const noGroups = { jaw: 0, brows: 0, noseBridge: 0, lowerNose: 0, eyes: 0, outerLip: 0, innerLip: 0 };

/** A sequence of three frames on tiny networks. */
function openLab() {
  const networks = {
    generator: tinyGenerator(),
    landmarkNet: tinyLandmarkNet(),
    perceptual: tinyPerceptualNet(),
    discriminator: tinyDiscriminator(),
  };
  const { numWs, wDim } = networks.generator;
  const random = randomState(3);
  const normal = (shape: number[], factor: number) =>
    tf.tensor(
      Float32Array.from(random.randn(tf.util.sizeFromShape(shape)), (x) => factor * x),
      shape,
    );
  const look = asImageTensor(normal([1, 16, 16, 3], 0.5), 'signed');
  const targets = normal([3, 8, 8, 68], 0.3) as tf.Tensor4D;
  const ws = normal([3, numWs, wDim], 1);
  const mean = normal([1, 1, wDim], 0.1);
  const start = normal([1, numWs, wDim], 0.3);
  const statistics = { wDim, mean: new Float32Array(wDim), std: 1, covariance: new Float64Array(wDim ** 2) };
  const space = latentSpace('w+', statistics, numWs);
  return {
    /** Losses and gradient of consecutive frames after another one. */
    async evaluate(term: LossTerm, frames: number[], before: number | undefined) {
      const pick = <T extends tf.Tensor>(x: T, first: number, count: number) =>
        tf.slice(x, [first, ...x.shape.slice(1).map(() => 0)], [count, ...x.shape.slice(1)]);
      const previous = before === undefined ? tf.clone(start) : pick(ws, before, 1);
      const driverHeatmaps = pick(targets, frames[0]!, frames.length);
      const coordinates = pick(ws, frames[0]!, frames.length);
      const weights = tf.ones<tf.Rank.R2>([1, 1]);
      using objective = createObjective({
        terms: [{ ...term, weight: 1 }],
        frame: { index: 1, networks, look, driverHeatmaps, previous, mean },
        space,
        landmarkInput: standardLandmarkInput,
      });
      const result = objective.evaluate(coordinates, { weights });
      const losses = (await result.losses.data()).slice(0, frames.length) as Float32Array;
      const gradient = (await result.gradient.data()) as Float32Array;
      tf.dispose([previous, driverHeatmaps, coordinates, weights, result.losses, result.gradient]);
      return { losses, gradient };
    },
    [Symbol.dispose]: () => {
      for (const owner of [...Object.values(networks), space]) owner[Symbol.dispose]();
      tf.dispose([look, targets, ws, mean, start]);
    },
  };
}

it('a gradient check sees a wrong gradient', async () => {
  const { checkGradient } = await import('@faceanim/tensor/testing');
  const cube = (factor: number) => async (x: Float32Array) => ({
    value: x.reduce((sum, v) => sum + v ** 3, 0),
    gradient: x.map((v) => factor * v * v),
  });
  const at = Float32Array.from([1, -2, 0.5]);
  expect((await checkGradient(cube(3), at)).relativeError).toBeLessThan(1e-3);
  expect((await checkGradient(cube(2), at)).relativeError).toBeGreaterThan(0.1);
});

it.each([
  ['NaN', { jaw: Number.NaN }],
  ['a negative number', { jaw: -1 }],
])('%s as a group weight is refused by name', (_, groups) => {
  expect(() => heatmaps({ groups })).toThrow(/jaw/);
  expect(() => landmarks({ groups })).toThrow(/jaw/);
});

it('the discriminator sees the picture beyond -1..1, as the original’s does', async () => {
  await tf.setBackend('wasm');
  const seen: number[] = [];
  const discriminator = {
    ...tinyDiscriminator(),
    logits: (image: tf.Tensor) => {
      seen.push(...image.dataSync().slice(0, 2));
      return tf.zeros<tf.Rank.R2>([1, 1]);
    },
  };
  const image = asImageTensor(tf.tensor4d([-3, 2.5, 0], [1, 1, 1, 3]), 'signed');
  const context = { frame: { networks: { discriminator } }, image: () => image };
  tf.tidy(() => realism().value(context as unknown as StepContext, null as never));
  discriminator[Symbol.dispose]();
  image.dispose();
  expect(seen).toEqual([-3, 2.5]);
});

it('landmarks are positions: drawn peaks apart by some cells count as that, empty maps as nothing', async () => {
  await tf.setBackend('wasm');
  const size = 64;
  const maps = (peaks: readonly (readonly [x: number, y: number] | undefined)[]) =>
    tf.tensor4d(
      Float32Array.from({ length: size * size * 68 }, (_, i) => {
        const peak = peaks[i % 68];
        const cell = Math.floor(i / 68);
        if (!peak) return 0;
        const square = ((cell % size) - peak[0]) ** 2 + (Math.floor(cell / size) - peak[1]) ** 2;
        return 0.6 * Math.exp(-square / (2 * 1.25 ** 2));
      }),
      [1, size, size, 68],
    );
  type Point = readonly [x: number, y: number];
  const measured = async (driver: Point, result: Point, jaw: 'shown' | 'empty' = 'shown') => {
    const value = tf.tidy(() => {
      const term = landmarks({ groups: { ...noGroups, outerLip: 1, jaw: 1 } });
      const target = maps(
        Array.from({ length: 68 }, (_, i) => (i < 17 && jaw === 'empty' ? undefined : driver)),
      );
      const prepared = term.prepare!({ driverHeatmaps: target } as unknown as FrameContext);
      const heatmaps = () => maps(Array(68).fill(result));
      return term.value({ heatmaps } as unknown as StepContext, prepared);
    });
    const [one] = await value.data();
    value.dispose();
    return one!;
  };
  const huber = (d: number) => Math.sqrt(d * d + 1) - 1;
  expect(await measured([8, 40], [8, 40])).toBeCloseTo(0, 5);
  expect(Math.abs((await measured([8, 40], [13, 52])) - huber(13))).toBeLessThan(0.1);
  expect(Math.abs((await measured([60, 4], [56, 7])) - huber(5))).toBeLessThan(0.1);
  // Where the 17 points of the jaw take no part, 12 of 29 weights are left.
  expect(await measured([10, 50], [10, 45], 'empty')).toBeCloseTo((huber(5) * 12) / 29, 1);
});

it.each(['sharpness', 'delta'])('landmarks refuses a %s that is not positive', (option) => {
  for (const value of [0, -1, Number.NaN]) expect(() => landmarks({ [option]: value })).toThrow(option);
});

it('a bad number of scales is refused', () => {
  expect(() => heatmaps({ scales: 0 })).toThrow(/scales/);
});
