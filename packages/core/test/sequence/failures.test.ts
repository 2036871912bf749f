import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Generator } from '../../src/contracts/generator';
import type { LandmarkNet } from '../../src/contracts/landmark-net';
import { rectQuad } from '../../src/images/quad';
import { detectLandmarks } from '../../src/landmarks/detect';
import { render } from '../../src/latents/render';
import { latentStatistics } from '../../src/latents/statistics';
import { fidelity, heatmaps, lpips, noise, smooth } from '../../src/losses';
import type { LossTerm } from '../../src/losses/loss-term';
import { adam } from '../../src/optimizers/adam';
import type { ProjectSequenceOptions } from '../../src/sequence/options';
import { type Base, collect, driver, picture, withNetworks } from './support';
import '@tensorflow/tfjs-backend-cpu';

const failure = new Error('of the test');

/** A function that throws after `after` calls. */
function failing<Args extends unknown[], Result>(run: (...args: Args) => Result, after = 0) {
  let calls = 0;
  return (...args: Args): Result => {
    if (calls++ >= after) throw failure;
    return run(...args);
  };
}

/** Runs something while values of tensors cannot be read. */
async function withoutReading<T>(run: () => Promise<T>): Promise<T> {
  const { data } = tf.Tensor.prototype;
  tf.Tensor.prototype.data = () => Promise.reject(failure);
  try {
    return await run();
  } finally {
    tf.Tensor.prototype.data = data;
  }
}

const brokenGenerator = (base: Generator, broken: Partial<Generator>): Generator => ({ ...base, ...broken });
const brokenNet = (base: LandmarkNet, broken: Partial<LandmarkNet>): LandmarkNet => ({ ...base, ...broken });

/** A term whose preparation or value throws, after others have been prepared. */
const brokenTerm = (broken: Partial<LossTerm>): LossTerm => ({
  ...fidelity({ relative: false }),
  name: 'broken',
  ...broken,
});

type Stage = (base: Base) => Partial<ProjectSequenceOptions>;

const noiseMaps = { optimize: 'first-frame', after: 'keep' } as const;
const stages: Record<string, Stage> = {
  'the mapping': ({ generator }) => ({
    generator: brokenGenerator(generator, { mapping: failing(generator.mapping) }),
  }),
  'the second batch of the mapping': ({ generator }) => ({
    generator: brokenGenerator(generator, { mapping: failing(generator.mapping, 1) }),
    statistics: { samples: 1500 },
  }),
  'reading the statistics': ({ generator }) => ({
    generator: brokenGenerator(generator, {
      mapping: (z) => {
        const read = tf.Tensor.prototype.data;
        tf.Tensor.prototype.data = () => {
          tf.Tensor.prototype.data = read;
          return Promise.reject(failure);
        };
        return generator.mapping(z);
      },
    }),
  }),
  'the landmark network on the first driver frame': ({ landmarkNet }) => ({
    losses: [heatmaps({ net: brokenNet(landmarkNet, { heatmaps: failing(landmarkNet.heatmaps) }) })],
    noiseMaps,
  }),
  'the landmark network on the second frame of a window': ({ landmarkNet }) => {
    let targets = 0;
    const fails = failing(landmarkNet.heatmaps);
    const net = brokenNet(landmarkNet, {
      heatmaps: (image) => (targets > 0 ? fails(image) : landmarkNet.heatmaps(image)),
    });
    const count: LossTerm = {
      ...fidelity({ relative: false }),
      name: 'count',
      prepare: () => tf.scalar(targets++),
    };
    return { window: 2, losses: [heatmaps({ net }), count, smooth()] };
  },
  'a later prepare': ({ landmarkNet, perceptual }) => ({
    losses: [
      lpips({ net: perceptual }),
      heatmaps({ net: landmarkNet }),
      brokenTerm({ prepare: failing(() => tf.scalar(1)) }),
    ],
    noiseMaps,
  }),
  'a later prepare of the second frame': ({ landmarkNet, perceptual }) => ({
    losses: [
      lpips({ net: perceptual }),
      heatmaps({ net: landmarkNet }),
      smooth(),
      brokenTerm({ prepare: failing(() => tf.scalar(1), 1) }),
    ],
  }),
  'a later prepare for the run': ({ landmarkNet, perceptual }) => ({
    losses: [
      heatmaps({ net: landmarkNet }),
      lpips({ net: perceptual }),
      brokenTerm({ prepareForRun: failing(() => tf.scalar(1)) }),
    ],
  }),
  'a loss term': ({ landmarkNet, perceptual }) => ({
    losses: [
      lpips({ net: perceptual }),
      heatmaps({ net: landmarkNet }),
      noise(),
      brokenTerm({ value: failing(fidelity().value, 1) }),
    ],
    noiseMaps,
  }),
  'a loss term that gives too many values': ({ perceptual }) => ({
    losses: [lpips({ net: perceptual }), brokenTerm({ value: () => tf.zeros([3]) })],
  }),
  'a weight': ({ perceptual: net }) => ({
    losses: [lpips({ net }), brokenTerm({ weight: failing(() => 1, 2) })],
  }),
  synthesis: ({ generator }) => ({
    generator: brokenGenerator(generator, { synthesis: failing(generator.synthesis) }),
    noiseMaps,
  }),
  'synthesis of a random face': ({ generator }) => ({
    generator: brokenGenerator(generator, { synthesis: failing(generator.synthesis, 4) }),
  }),
  // After the mean face and eight random ones.
  'synthesis in a later step': ({ generator }) => ({
    generator: brokenGenerator(generator, { synthesis: failing(generator.synthesis, 11) }),
  }),
  'the encoder': ({ generator: { wDim } }) => ({
    encoder: { specificationVersion: 'v1', wDim, encode: failing(() => new Float32Array(wDim), 1) },
  }),
  'the landmark input': ({ landmarkNet: net }) => ({
    losses: [heatmaps({ net, input: failing((image) => image as never) })],
  }),
  'the driver': () => ({
    driver: (function* () {
      yield* driver(1);
      throw failure;
    })(),
  }),
  'the receiver of progress': () => ({
    onProgress: ({ step }) => {
      if (step === 1) throw failure;
    },
  }),
  'reading losses': () => ({
    losses: [
      brokenTerm({
        value: ({ ws }) => {
          const read = tf.Tensor.prototype.data;
          tf.Tensor.prototype.data = () => {
            tf.Tensor.prototype.data = read;
            return Promise.reject(failure);
          };
          return tf.sum(ws, [1, 2]);
        },
      }),
    ],
  }),
};

beforeAll(() => tf.setBackend('cpu'));

describe('a run leaks no tensors if there is an error in', () => {
  it.each(Object.entries(stages))('%s', async (_, stage) => {
    await withNetworks(async (base) => {
      const short = {
        ...{ ...base, optimizer: adam(), steps: { look: 0, first: 3, next: 2 } },
        ...{ driver: driver(3), statistics: { samples: 50 } },
      };
      const options = { ...short, ...stage(short) };
      const before = tf.memory().numTensors;
      await expect(collect(options)).rejects.toThrow(
        /of the test|one value per frame|returned a tensor \[3\]/,
      );
      expect(tf.memory().numTensors).toBe(before);
    });
  });
});

describe('no tensors are leaked by', () => {
  it.each<[string, (base: Base) => Promise<unknown>]>([
    [
      'render, when synthesis throws',
      async ({ generator }) => {
        const broken = brokenGenerator(generator, { synthesis: failing(generator.synthesis, 1) });
        const latent = { numWs: 4, wDim: 6, data: new Float32Array(24) };
        for await (const _ of render([latent, latent], broken, {
          noise: { 'b16.conv0': new Float32Array(256) },
        }));
      },
    ],
    [
      'render, when a map does not fit',
      async ({ generator }) => {
        const latent = { numWs: 4, wDim: 6, data: new Float32Array(24) };
        const noise = { 'b16.conv0': new Float32Array(256), 'b16.conv1': new Float32Array(1) };
        for await (const _ of render([latent], generator, { noise }));
      },
    ],
    [
      'render, when a picture cannot be read',
      ({ generator }) =>
        withoutReading(async () => {
          const latent = { numWs: 4, wDim: 6, data: new Float32Array(24) };
          for await (const _ of render([latent], generator));
        }),
    ],
    [
      'landmarks that cannot be read',
      ({ landmarkNet }) =>
        withoutReading(() =>
          detectLandmarks(picture(1), rectQuad({ x: 0, y: 0, width: 16, height: 16 }), landmarkNet),
        ),
    ],
    [
      'statistics',
      ({ generator }) =>
        latentStatistics(brokenGenerator(generator, { mapping: failing(generator.mapping, 1) }), {
          samples: 2000,
        }),
    ],
  ])('%s', async (_, run) => {
    await withNetworks(async (base) => {
      const before = tf.memory().numTensors;
      await expect(run(base)).rejects.toThrow(/of the test|b16\.conv1/);
      expect(tf.memory().numTensors).toBe(before);
    });
  });
});
