import '@tensorflow/tfjs-backend-cpu';
import { shrinkTo } from '@faceanim/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import type { Generator } from '../../src/contracts/generator';
import { imageToTensor } from '../../src/images/image-tensors';
import type { LatentSpace } from '../../src/latents/latent-space';
import { render } from '../../src/latents/render';
import { type LossTerm, lpips, pixel, prior, realism } from '../../src/losses';
import { createObjective } from '../../src/optimization/objective';
import { adam } from '../../src/optimizers/adam';
import { referenceMode } from '../../src/presets/reference-mode';
import type { ProjectSequenceOptions } from '../../src/sequence/options';
import { tinyDiscriminator, tinyGenerator } from '../../src/testing';
import { type Base, collect, driver, latents, maxDifference, withNetworks } from './support';

beforeAll(() => tf.setBackend('cpu'));

/** The tiny generator, which can stop at 8 pixels: it then draws two of the four latents. Notes the sides of its images. */
function stoppingGenerator(): Generator & { readonly drawn: number[] } {
  const generator = tinyGenerator();
  const drawn: number[] = [];
  return {
    ...generator,
    drawn,
    stops: [{ resolution: 8, numWs: 2 }],
    synthesis: (ws, { resolution = 16, ...options } = {}) => {
      drawn.push(resolution);
      if (resolution === 16) return generator.synthesis(ws, options);
      const seen = tf.slice(ws, [0, 0, 0], [-1, 2, -1]);
      return shrinkTo(generator.synthesis(tf.concat([seen, tf.zerosLike(seen)], 1), options), 8);
    },
  };
}

/** Losses that look at no more than 8 pixels. */
const small = ({ perceptual: net }: Base): LossTerm[] => [
  lpips({ net, size: 8 }),
  pixel({ size: 8 }),
  prior(),
];

async function withStops(
  run: (base: Base & { generator: ReturnType<typeof stoppingGenerator> }) => Promise<void>,
) {
  await withNetworks(async (networks) => {
    using generator = stoppingGenerator();
    await run({
      ...{ ...networks, generator, losses: small(networks), driver: driver(2) },
      steps: { look: 0, first: 6, next: 2 },
      statistics: { samples: 100 },
    });
  });
}

it('steps draw images of that size, and results are rendered whole', async () => {
  await withStops(async (base) => {
    const { generator } = base;
    const before = tf.memory().numTensors;
    const whole = await collect(base);
    expect(new Set(generator.drawn)).toEqual(new Set([16]));
    generator.drawn.length = 0;
    const frames = await collect({ ...base, synthesisResolution: 8 });
    // Statistics of the losses are those of whole images.
    expect(generator.drawn.slice(generator.drawn.indexOf(8)).every((side) => side === 8)).toBe(true);
    expect(maxDifference(frames[1]!.latent.data, whole[1]!.latent.data)).toBeGreaterThan(1e-3);
    const { history, losses } = frames[0]!;
    expect(losses.total).toBeLessThan(0.8 * history[0]!.total);
    for await (const image of render(frames, generator)) expect(image.width).toBe(16);
    expect(tf.memory().numTensors).toBe(before);
  });
});

it('the resolution of the generator stands for whole images', async () => {
  await withStops(async (base) => {
    const given = await collect({ ...base, synthesisResolution: 16 });
    expect(latents(given)).toEqual(latents(await collect(base)));
  });
});

it('the gradient is that of the small image', async () => {
  await withStops(async ({ generator, look, losses }) => {
    const target = imageToTensor(look!, 'signed');
    const mean = tf.zeros([1, 1, 6]);
    const space: LatentSpace = {
      ...{ name: 'w' as const, shape: [1, 6] as const, origin: new Float32Array(6), std: 1 },
      toWs: (u: tf.Tensor) => tf.tile(tf.reshape(u, [-1, 1, 6]), [1, 4, 1]) as tf.Tensor3D,
      fromWs: (ws: Float32Array) => ws,
      [Symbol.dispose]: () => {},
    };
    using objective = createObjective({
      terms: losses!,
      ...{ generator, space, resolution: 8 },
      frame: { index: 0, drivers: driver(1), look: target, mean },
    });
    const weights = tf.ones<tf.Rank.R2>([3, 1]);
    const evaluate = (u: Float32Array) => {
      const coordinates = tf.tensor3d(u, [1, 1, 6]);
      const { losses, gradient } = objective.evaluate(coordinates, { weights });
      const read = { total: losses.dataSync()[3]!, gradient: [...gradient.dataSync()] };
      tf.dispose([coordinates, losses, gradient]);
      return read;
    };
    const at = Float32Array.from({ length: 6 }, (_, i) => Math.sin(i + 1));
    const { gradient } = evaluate(at);
    const step = 1e-2;
    for (const [i, slope] of gradient.entries()) {
      const [above, below] = [1, -1].map((sign) => evaluate(at.with(i, at[i]! + sign * step)).total);
      expect((above! - below!) / (2 * step)).toBeCloseTo(slope, 3);
    }
    expect(new Set(generator.drawn)).toEqual(new Set([8]));
    tf.dispose([target, mean, weights]);
  });
});

it('layers that the small image does not depend on stay in the middle of the others while the look is projected', async () => {
  await withStops(async (base) => {
    const [frame] = await collect({
      ...{ ...base, driver: driver(1), synthesisResolution: 8 },
      steps: { look: 8, first: 1 },
    });
    const layer = (i: number) => frame!.lookLatent!.data.subarray(6 * i, 6 * (i + 1));
    expect(maxDifference(layer(0), layer(1))).toBeGreaterThan(1e-3);
    const middle = layer(0).map((value, i) => (value + layer(1)[i]!) / 2);
    for (const beyond of [2, 3]) expect(maxDifference(layer(beyond), middle)).toBeLessThan(1e-5);
  });
});

it('a run is not resumed at another size', async () => {
  await withStops(async (base) => {
    const resume = await collect({ ...base, driver: driver(1), synthesisResolution: 8 });
    await expect(collect({ ...base, driver: driver(1), resume })).rejects.toMatchObject({
      code: 'resume-mismatch',
      message: expect.stringMatching(/synthesisResolution was 8 and is 16/),
    });
  });
});

type Change = (base: Base) => Partial<ProjectSequenceOptions>;

it.each<[string, Change, RegExp]>([
  ['a size between stops', () => ({ synthesisResolution: 12 }), /the generator cannot stop there/],
  ['a generator without stops', () => ({ generator: tinyGenerator() }), /the generator cannot stop there/],
  [
    'a term that looks closer',
    ({ perceptual: net }) => ({ losses: [lpips({ net })] }),
    /the loss term lpips needs images of 256 pixels/,
  ],
  [
    'a term that needs whole images',
    (base) => ({ losses: [...small(base), realism({ net: tinyDiscriminator() })] }),
    /the loss term realism needs whole images/,
  ],
  ['W+', () => ({ space: 'w+', optimizer: adam() }), /layers after it would not be optimised in w\+/],
  [
    'noise maps that are optimised',
    () => ({ noiseMaps: { optimize: 'first-frame', after: 'keep' }, optimizer: adam() }),
    /the noise maps after it would not be optimised/,
  ],
  [
    'reference mode',
    ({ landmarkNet, perceptual }) => referenceMode({ landmarkNet, perceptual }),
    /would not be optimised in w\+/,
  ],
])('is refused beside %s', async (_, change, message) => {
  await withStops(async (base) => {
    const run = collect({ ...base, synthesisResolution: 8, ...change(base) });
    await expect(run).rejects.toMatchObject({
      code: 'invalid-option',
      message: expect.stringMatching(message),
      hint: expect.stringMatching(/^Leave it out, or pass (8 or )?16\.$/),
    });
    expect(base.generator.drawn).toEqual([]);
  });
});
