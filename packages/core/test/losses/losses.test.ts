import { asImageTensor, randomState } from '@faceanim/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { eachBackend } from '../../../tensor/test/support/backends';
import { maxRelative } from '../../../tensor/test/support/compare';
import { latentSpace } from '../../src/latents/latent-space';
import {
  fidelity,
  heatmaps,
  identity,
  landmarks,
  lpips,
  noise,
  pixel,
  prior,
  realism,
  smooth,
} from '../../src/losses';
import type { FrameContext, LossTerm, StepContext } from '../../src/losses/loss-term';
import { createObjective } from '../../src/optimization/objective';
import {
  type CheckedLossTerm,
  checkLossTerm,
  type LossTermCheckOptions,
  tinyDiscriminator,
  tinyDriver,
  tinyFaceDescriptor,
  tinyLandmarkNet,
  tinyNetworks,
} from '../../src/testing';

const cases: [string, CheckedLossTerm, LossTermCheckOptions?][] = [
  ['lpips', ({ perceptual: net }) => lpips({ net })],
  ['pixel', pixel()],
  ['heatmaps, relative', ({ landmarkNet: net }) => heatmaps({ net })],
  ['heatmaps, relative, three scales', ({ landmarkNet: net }) => heatmaps({ net, scales: 3 })],
  ['heatmaps, published', ({ landmarkNet: net }) => heatmaps({ net, form: 'published' }), { epsilon: 1e-3 }],
  [
    'heatmaps, original',
    ({ landmarkNet: net }) => heatmaps({ net, form: 'original', groups: { outerLip: 5, jaw: 0 } }),
  ],
  ['landmarks', ({ landmarkNet: net }) => landmarks({ net })],
  ['landmarks, far', ({ landmarkNet: net }) => landmarks({ net, sharpness: 4, delta: 0.1 })],
  ['smooth, l2', smooth()],
  ['smooth, original', smooth({ norm: 'original' }), { epsilon: 1e-3 }],
  ['fidelity, l2', fidelity()],
  ['fidelity, original', fidelity({ norm: 'original' }), { epsilon: 1e-3 }],
  ['prior, inside the wall', prior(), { scale: 0.2 }],
  ['prior, beyond the wall', prior({ wall: 2, limit: 0.5 }), { scale: 2 }],
  ['realism', ({ discriminator }) => realism({ net: discriminator })],
  ['identity', ({ descriptor: net }) => identity({ net })],
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
    async (_, given) => {
      using lab = openLab();
      const term = typeof given === 'function' ? given(lab.networks) : given;
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
  const networks = tinyNetworks();
  const { generator } = networks;
  const { numWs, wDim } = generator;
  const random = randomState(3);
  const normal = (shape: number[], factor: number) =>
    tf.tensor(
      Float32Array.from(random.randn(tf.util.sizeFromShape(shape)), (x) => factor * x),
      shape,
    );
  const look = asImageTensor(normal([1, 16, 16, 3], 0.5), 'signed');
  const drivers = tinyDriver(3);
  const ws = normal([3, numWs, wDim], 1);
  const mean = normal([1, 1, wDim], 0.1);
  const start = normal([1, numWs, wDim], 0.3);
  const statistics = { wDim, mean: new Float32Array(wDim), std: 1, covariance: new Float64Array(wDim ** 2) };
  const space = latentSpace('w+', statistics, numWs);
  return {
    networks,
    /** Losses and gradient of consecutive frames after another one. */
    async evaluate(term: LossTerm, frames: number[], before: number | undefined) {
      const pick = <T extends tf.Tensor>(x: T, first: number, count: number) =>
        tf.slice(x, [first, ...x.shape.slice(1).map(() => 0)], [count, ...x.shape.slice(1)]);
      const previous = before === undefined ? tf.clone(start) : pick(ws, before, 1);
      const coordinates = pick(ws, frames[0]!, frames.length);
      const weights = tf.ones<tf.Rank.R2>([1, 1]);
      using objective = createObjective({
        terms: [{ ...term, weight: 1 }],
        generator,
        frame: { index: 1, drivers: frames.map((i) => drivers[i]!), look, previous, mean },
        space,
      });
      const result = objective.evaluate(coordinates, { weights });
      const losses = (await result.losses.data()).slice(0, frames.length) as Float32Array;
      const gradient = (await result.gradient.data()) as Float32Array;
      tf.dispose([previous, coordinates, weights, result.losses, result.gradient]);
      return { losses, gradient };
    },
    [Symbol.dispose]: () => {
      for (const owner of [networks, space]) owner[Symbol.dispose]();
      tf.dispose([look, ws, mean, start]);
    },
  };
}

it('the gradient check detects a wrong gradient', async () => {
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
  using net = tinyLandmarkNet();
  expect(() => heatmaps({ net, groups })).toThrow(/jaw/);
  expect(() => landmarks({ net, groups })).toThrow(/jaw/);
});

it('the discriminator sees unclamped images, as in the original program', async () => {
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
  const context = { image: () => image };
  tf.tidy(() => realism({ net: discriminator }).value(context as unknown as StepContext, null as never));
  discriminator[Symbol.dispose]();
  image.dispose();
  expect(seen).toEqual([-3, 2.5]);
});

it('landmarks measures distances between peaks in cells, and ignores empty maps', async () => {
  await tf.setBackend('wasm');
  using net = tinyLandmarkNet();
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
      const term = landmarks({ net, groups: { ...noGroups, outerLip: 1, jaw: 1 } });
      const target = maps(
        Array.from({ length: 68 }, (_, i) => (i < 17 && jaw === 'empty' ? undefined : driver)),
      );
      const prepared = term.prepare!({ memo: () => target } as unknown as FrameContext);
      const memo = () => maps(Array(68).fill(result));
      return term.value({ memo } as unknown as StepContext, prepared);
    });
    const [one] = await value.data();
    value.dispose();
    return one!;
  };
  const huber = (d: number) => Math.sqrt(d * d + 1) - 1;
  expect(await measured([8, 40], [8, 40])).toBeCloseTo(0, 5);
  expect(Math.abs((await measured([8, 40], [13, 52])) - huber(13))).toBeLessThan(0.1);
  expect(Math.abs((await measured([60, 4], [56, 7])) - huber(5))).toBeLessThan(0.1);
  // Without the 17 points of the jaw, 12 of 29 weights are left.
  expect(await measured([10, 50], [10, 45], 'empty')).toBeCloseTo((huber(5) * 12) / 29, 1);
});

it.each(['sharpness', 'delta'])('landmarks refuses a %s that is not positive', (option) => {
  using net = tinyLandmarkNet();
  for (const value of [0, -1, Number.NaN]) expect(() => landmarks({ net, [option]: value })).toThrow(option);
});

it('an invalid number of scales is refused', () => {
  using net = tinyLandmarkNet();
  expect(() => heatmaps({ net, scales: 0 })).toThrow(/scales/);
  // Maps of 8 cells can be halved three times.
  expect(() => heatmaps({ net, scales: 4 })).not.toThrow();
  expect(() => heatmaps({ net, scales: 5 })).toThrow(/scales must be at most 4 for heat maps of 8 cells/);
});

it('identity is 0 for the look itself, whatever the length of the descriptor, and does not see its border', () => {
  using descriptor = tinyFaceDescriptor();
  const { embed } = descriptor;
  const longer = {
    ...descriptor,
    embed: (image: Parameters<typeof embed>[0]) => tf.mul(embed(image), 7) as tf.Tensor2D,
  };
  tf.tidy(() => {
    const picture = (seed: number) =>
      tf.tensor4d(Float32Array.from(randomState(seed).randn(768)), [1, 16, 16, 3]);
    const border = tf.pad(
      tf.zeros([1, 12, 12, 3]),
      [
        [0, 0],
        [2, 2],
        [2, 2],
        [0, 0],
      ],
      1,
    );
    const value = (net: typeof descriptor, image: tf.Tensor4D) => {
      const term = identity({ net });
      const look = asImageTensor(picture(1), 'signed');
      const context = { image: () => asImageTensor(image, 'signed') };
      return term.value(context as StepContext, term.prepareForRun!({ look } as never)).dataSync()[0]!;
    };
    expect(value(longer, picture(1))).toBeCloseTo(0, 5);
    expect(value(descriptor, tf.add(picture(1), border))).toBeCloseTo(0, 5);
    expect(value(descriptor, picture(2))).toBeGreaterThan(0.1);
    expect(value(descriptor, tf.neg(picture(1)))).toBeCloseTo(2, 5);
  });
});

it('identity cuts out a crop whose edges fall between pixels', () => {
  using descriptor = tinyFaceDescriptor();
  const term = identity({ net: { ...descriptor, crop: { x: 0.25, y: 0, side: 0.75 } } });
  tf.tidy(() => {
    const look = asImageTensor(tf.ones<tf.Rank.R4>([1, 10, 10, 3]), 'signed');
    expect(() => term.prepareForRun!({ look } as never)).not.toThrow();
  });
});

it('identity refuses a crop that is not inside the picture', () => {
  using descriptor = tinyFaceDescriptor();
  const net = { ...descriptor, crop: { x: 0.5, y: 0, side: 0.75 } };
  expect(() => identity({ net })).toThrow(
    /identity\.net\.crop must be a square \{x, y, side\} inside 0\.\.1/,
  );
});
