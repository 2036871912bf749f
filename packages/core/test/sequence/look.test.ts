import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { eachBackend } from '../../../tensor/test/support/backends';
import type { Encoder } from '../../src/contracts/encoder';
import type { LandmarkNet } from '../../src/contracts/landmark-net';
import type { ProgressEvent } from '../../src/contracts/progress';
import { decodeFrame, encodeFrame } from '../../src/latents/frame-file';
import { heatmaps, lpips, prior } from '../../src/losses';
import { adam } from '../../src/optimizers/adam';
import type { ProjectSequenceOptions } from '../../src/sequence/options';
import { resolveSettings } from '../../src/sequence/settings';
import { collect, driver, latents, maxDifference, withNetworks } from './support';

const steps = { look: 16, first: 1, next: 5 };

/** How far each layer is from the mean of all layers. */
const spread = ({ data, numWs, wDim }: { data: Float32Array; numWs: number; wDim: number }) =>
  data.map((value, i) => {
    let mean = 0;
    for (let layer = 0; layer < numWs; layer++) mean += data[layer * wDim + (i % wDim)]! / numWs;
    return value - mean;
  });

eachBackend(() => {
  it('is projected before frame 0, which starts there; all frames keep the distances of its layers', async () => {
    await withNetworks(async (base) => {
      const losses = [heatmaps({ net: base.landmarkNet }), prior()];
      const frames = await collect({ ...base, driver: driver(3), losses, steps });
      const { lookLatent } = frames[0]!;
      const apart = spread(lookLatent!);
      expect(Math.max(...apart.map(Math.abs))).toBeGreaterThan(1e-3);
      // One evaluation, with which quasi-Newton ends where it starts.
      expect(maxDifference(frames[0]!.latent.data, lookLatent!.data)).toBeLessThan(1e-5);
      for (const { latent, index } of frames.slice(1)) {
        expect(maxDifference(latent.data, lookLatent!.data), `frame ${index}`).toBeGreaterThan(1e-3);
        expect(maxDifference(spread(latent), apart), `frame ${index}`).toBeLessThan(1e-5);
      }
      expect(frames.map(({ lookLatent }) => lookLatent !== undefined)).toEqual([true, false, false]);
    });
  });

  it('comes closer to the look than a first frame of as many steps', async () => {
    await withNetworks(async (base) => {
      const { perceptual: net, landmarkNet } = base;
      const losses = [lpips({ net }), heatmaps({ net: landmarkNet, weight: 0.01 }), prior({ weight: 0.001 })];
      const options = { ...base, driver: driver(1), losses };
      const [without] = await collect({ ...options, steps: { look: 0, first: 60 } });
      const [after] = await collect({ ...options, steps: { look: 59, first: 1 } });
      expect(after!.losses.lpips).toBeLessThan(without!.losses.lpips!);
    });
  });

  it('starts frame 0 as far from the look as the encoder’s guesses are apart', async () => {
    await withNetworks(async (base) => {
      const asked: number[] = [];
      const encoder: Encoder = {
        specificationVersion: 'v1',
        wDim: 6,
        encode: ({ landmarks }) => {
          asked.push(landmarks[0]!);
          return new Float32Array(6).fill(0.4 * landmarks[0]!);
        },
      };
      const [frame] = await collect({ ...base, driver: driver(1), encoder, steps });
      const [ofLook, ofFrame] = asked;
      const shift = 0.4 * (ofFrame! - ofLook!);
      expect(Math.abs(shift)).toBeGreaterThan(1e-3);
      const expected = frame!.lookLatent!.data.map((value) => value + shift);
      expect(maxDifference(frame!.latent.data, expected)).toBeLessThan(1e-5);
    });
  });

  it('is not projected again on resume, and the frames stay the same', async () => {
    await withNetworks(async (base) => {
      const options = { ...base, steps };
      const whole = await collect(options);
      const stages: ProgressEvent['stage'][] = [];
      for (const finished of [1, 3]) {
        const resume = whole.slice(0, finished).map((frame) => decodeFrame(encodeFrame(frame)));
        const onProgress = ({ stage }: ProgressEvent) => void stages.push(stage);
        expect(latents(await collect({ ...options, resume, onProgress }))).toEqual(latents(whole));
      }
      expect(stages).not.toContain('look');
    });
  });
});

it('reports its steps as a stage, which count towards the time left', async () => {
  await withNetworks(async (base) => {
    const events: ProgressEvent[] = [];
    await collect({
      ...base,
      driver: driver(1),
      steps,
      frames: 1,
      onProgress: (event) => events.push(event),
    });
    const ofLook = events.filter(({ stage }) => stage === 'look');
    expect(ofLook.map(({ step }) => step)).toEqual([undefined, ...Array.from({ length: 16 }, (_, i) => i)]);
    expect(ofLook.map(({ fraction }) => fraction)).toEqual(Array.from({ length: 17 }, (_, i) => i / 16));
    expect(ofLook.at(-1)!.losses!.total).toBeGreaterThan(0);
    const begun = events.find(({ stage }) => stage === 'optimize');
    expect([begun!.fraction, events.at(-1)!.fraction]).toEqual([0, 1]);
  });
});

it('aborts while the look is projected', async () => {
  await withNetworks(async (base) => {
    const controller = new AbortController();
    const onProgress = ({ stage, step }: ProgressEvent) =>
      stage === 'look' && step === 10 && controller.abort();
    await expect(collect({ ...base, steps, signal: controller.signal, onProgress })).rejects.toMatchObject({
      code: 'aborted',
      frame: undefined,
      step: 11,
      hint: undefined,
    });
  });
});

it.each<[string, Partial<ProjectSequenceOptions>]>([
  ['a look', { look: undefined, losses: [prior()] }],
  ['landmarkNet', { landmarkNet: undefined }],
  ["space: 'whitened-w'", { space: 'w+', optimizer: adam() }],
  [
    'noise maps that are not optimised',
    { noiseMaps: { optimize: 'first-frame', after: 'keep' }, optimizer: adam() },
  ],
])('needs %s: refused where it was asked for, else left out', async (missing, change) => {
  await withNetworks(async (base) => {
    const options = { ...base, ...change, driver: driver(1) };
    await expect(collect({ ...options, steps: { look: 5, first: 1 } })).rejects.toMatchObject({
      code: 'invalid-option',
      message: `steps.look is 5, but projecting the look needs ${missing}.`,
    });
    const [frame] = await collect({ ...options, steps: { first: 1 } });
    expect(frame!.lookLatent).toBeUndefined();
    expect(frame!.origin.settings['steps.look']).toBe(0);
  });
});

it('takes the steps of the optimizer by default, and fewer for frame 0', async () => {
  await withNetworks(async (base) => {
    const stepsOf = (steps: ProjectSequenceOptions['steps']) => resolveSettings({ ...base, steps }).steps;
    expect(stepsOf(undefined)).toEqual({ look: 60, first: 20, next: 10 });
    expect(stepsOf({ look: 0 })).toEqual({ look: 0, first: 60, next: 10 });
    expect(stepsOf({ next: 4 })).toEqual({ look: 60, first: 20, next: 4 });
  });
});

it('is refused on resume if frame 0 lacks it', async () => {
  await withNetworks(async (base) => {
    const options = { ...base, driver: driver(1), steps };
    const [{ lookLatent: _, ...frame }] = (await collect(options)) as [
      Awaited<ReturnType<typeof collect>>[0],
    ];
    await expect(collect({ ...options, resume: [frame] })).rejects.toMatchObject({
      code: 'resume-mismatch',
      message: 'Frame 0 to resume from belongs to another run: the latent of the look is missing.',
    });
  });
});

it('must show a face', async () => {
  await withNetworks(async (base) => {
    const { heatmaps } = base.landmarkNet;
    const landmarkNet: typeof base.landmarkNet = {
      ...base.landmarkNet,
      heatmaps: (image) => tf.zerosLike(heatmaps(image)),
    };
    let read = false;
    const clip = function* () {
      read = true;
      yield* driver(1);
    };
    await expect(collect({ ...base, landmarkNet, driver: clip(), steps })).rejects.toMatchObject({
      code: 'no-face',
      message: 'No face was found in the look.',
    });
    expect(read).toBe(false);
  });
});

it('is named if it diverges', async () => {
  await withNetworks(async (base) => {
    const broken = { ...prior(), name: 'broken', value: () => tf.tensor1d([Number.NaN]) };
    await expect(collect({ ...base, losses: [broken], driver: driver(1), steps })).rejects.toMatchObject({
      code: 'diverged',
      frame: undefined,
      message: expect.stringMatching(/^The look could not be projected\. The objective is NaN/),
    });
  });
});

it('is refused if the landmark network gives no numbers', async () => {
  await withNetworks(async ({ landmarkNet, ...base }) => {
    const overflowing: LandmarkNet = Object.create(landmarkNet, {
      heatmaps: { value: (image: never) => tf.mul(landmarkNet.heatmaps(image), Number.NaN) },
    });
    const run = collect({ ...base, landmarkNet: overflowing, driver: driver(1), steps });
    await expect(run).rejects.toMatchObject({ code: 'no-face' });
  });
});

it('needs no more than one step', async () => {
  await withNetworks(async (base) => {
    const [frame] = await collect({ ...base, driver: driver(1), steps: { ...steps, look: 1 } });
    expect(Math.max(...spread(frame!.lookLatent!).map(Math.abs))).toBeLessThan(1e-5);
  });
});

it('takes minScore, also beside a driver that is aligned', async () => {
  await withNetworks(async (base) => {
    const strict = { ...base, driver: driver(1), tracking: { minScore: 2 }, steps };
    await expect(collect(strict)).rejects.toMatchObject({ code: 'no-face' });
    const [frame] = await collect({ ...strict, tracking: { minScore: 0 } });
    expect(frame!.lookLatent).toBeDefined();
  });
});
