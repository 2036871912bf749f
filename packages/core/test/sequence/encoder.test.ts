import { expect, it } from 'vitest';
import { eachBackend } from '../../../tensor/test/support/backends';
import type { Encoder, FaceToEncode } from '../../src/contracts/encoder';
import type { ProjectedFrame } from '../../src/contracts/frames';
import type { AlignedFrame } from '../../src/landmarks/track';
import { decodeFrame, encodeFrame } from '../../src/latents/frame-file';
import { generatorFingerprint } from '../../src/latents/generator-fingerprint';
import { fidelity } from '../../src/losses';
import { identityLosses } from '../../src/presets/default-losses';
import { referenceMode } from '../../src/presets/reference-mode';
import { thorough } from '../../src/presets/thorough';
import { projectSequence } from '../../src/sequence/project-sequence';
import { openProjector } from '../../src/sequence/projector';
import { tinyGenerator, tinyLandmarkNet, tinyPerceptualNet } from '../../src/testing';
import { driver as aligned, collect, latents, maxDifference, picture, withNetworks } from './support';

/** Frames of one evaluation, with which quasi-Newton ends where it starts. */
const still = { look: 0, first: 1, next: 1 };

/** Frames with different landmarks. */
function moving(count: number): AlignedFrame[] {
  return aligned(count).map((frame, index) => ({
    ...frame,
    alignedLandmarks: Float64Array.from({ length: 136 }, (_, i) => 8 + 3 * Math.sin(index * (i + 1))),
  }));
}

/** A plausible w of the tiny generator, computed from the colours of the look and the first landmarks. */
const guessOf = ({ look, landmarks }: FaceToEncode) =>
  Float32Array.from({ length: 6 }, (_, i) => look.data[i]! / 500 - 0.2 + 0.5 * (landmarks[i]! - 0.5));

/** An encoder that records its input. */
function fakeEncoder(asked: FaceToEncode[] = []): Encoder {
  return {
    specificationVersion: 'v1',
    wDim: 6,
    encode: (face) => {
      asked.push(face);
      return guessOf(face);
    },
  };
}

/** The guess for an aligned frame of 16 pixels, in W+. */
function guessWs(look: FaceToEncode['look'], { alignedLandmarks }: AlignedFrame): Float32Array {
  const w = guessOf({ look, landmarks: alignedLandmarks.map((x) => x / 16) });
  return Float32Array.from({ length: 24 }, (_, i) => w[i % 6]!);
}

const ws = ({ latent }: ProjectedFrame) => latent.data;

/** `last`, moved from the guess for one frame to that for another. */
const moved = (last: Float32Array, from: Float32Array, to: Float32Array) =>
  last.map((x, i) => x + to[i]! - from[i]!);

eachBackend(() => {
  it('starts frame 0 at its guess', async () => {
    await withNetworks(async (base) => {
      const [driver] = moving(1);
      const asked: FaceToEncode[] = [];
      const options = { ...base, driver: [driver!], encoder: fakeEncoder(asked), steps: still };
      const [frame] = await collect(options);
      expect(maxDifference(ws(frame!), guessWs(base.look!, driver!))).toBeLessThan(1e-5);
      expect(asked).toHaveLength(1);
      expect(asked[0]!.look).toBe(base.look);
    });
  });

  it('is refused before anything is computed if it was fitted to another generator', async () => {
    await withNetworks(async (base) => {
      const own = { ...fakeEncoder(), generator: await generatorFingerprint(base.generator) };
      expect(await collect({ ...base, driver: moving(1), encoder: own, steps: still })).toHaveLength(1);
      using other = tinyGenerator(2);
      const encoder = { ...fakeEncoder(), generator: await generatorFingerprint(other) };
      const stages: string[] = [];
      const options = { ...base, encoder, onProgress: ({ stage }: { stage: string }) => stages.push(stage) };
      const { generator, landmarkNet, perceptual, onProgress } = options;
      const networks = { generator, landmarkNet, perceptual, encoder, onProgress };
      for (const run of [collect(options), openProjector(networks)]) {
        await expect(run).rejects.toMatchObject({
          code: 'invalid-option',
          message: 'The encoder was fitted to another generator.',
          hint: expect.stringContaining('fitEncoder'),
        });
      }
      expect(stages).toEqual([]);
    });
  });

  it('gets landmarks as fractions of width and height', async () => {
    await withNetworks(async (base) => {
      const [frame] = moving(1);
      const asked: FaceToEncode[] = [];
      const wide = { ...picture(3, 32), height: 16, data: picture(3, 32).data.slice(0, 32 * 16 * 3) };
      const driver = [{ ...frame!, image: wide }];
      await collect({ ...base, driver, encoder: fakeEncoder(asked), steps: still });
      const fractions = frame!.alignedLandmarks.map((x, i) => x / (i % 2 === 0 ? 32 : 16));
      expect([...asked[0]!.landmarks]).toEqual([...fractions]);
    });
  });

  it.each(['whitened-w', 'w+'] as const)(
    'starts later frames in %s at the last one, moved as its guess',
    async (space) => {
      await withNetworks(async (base) => {
        const driver = moving(3);
        const steps = { look: 0, first: 12, next: 1 };
        const options = { ...base, driver, encoder: fakeEncoder(), steps, space };
        const frames = await collect(options);
        const guesses = driver.map((frame) => guessWs(base.look!, frame));
        expect(maxDifference(ws(frames[0]!), guesses[0]!), 'frame 0 has gone on').toBeGreaterThan(1e-2);
        for (const i of [1, 2]) {
          const start = moved(ws(frames[i - 1]!), guesses[i - 1]!, guesses[i]!);
          expect(maxDifference(ws(frames[i]!), start)).toBeLessThan(1e-5);
          expect(maxDifference(ws(frames[i]!), ws(frames[i - 1]!))).toBeGreaterThan(1e-2);
        }
      });
    },
  );

  it('starts every frame of a window at its own guess', async () => {
    await withNetworks(async (base) => {
      const driver = moving(6);
      const steps = { look: 0, first: 12, next: 1 };
      const frames = await collect({ ...base, driver, encoder: fakeEncoder(), steps, window: 3 });
      const guesses = driver.map((frame) => guessWs(base.look!, frame));
      for (const [at, before] of [
        [1, 0],
        [2, 0],
        [3, 0],
        [4, 3],
        [5, 3],
      ] as const) {
        const start = moved(ws(frames[before]!), guesses[before]!, guesses[at]!);
        expect(maxDifference(ws(frames[at]!), start), `frame ${at}`).toBeLessThan(1e-5);
      }
    });
  });

  it('is overridden by an initial latent in frame 0 only', async () => {
    await withNetworks(async (base) => {
      const driver = moving(2);
      const initial = { numWs: 4, wDim: 6, data: new Float32Array(24).fill(0.1) };
      const frames = await collect({ ...base, driver, encoder: fakeEncoder(), steps: still, initial });
      expect(maxDifference(ws(frames[0]!), initial.data)).toBeLessThan(1e-5);
      const [from, to] = driver.map((frame) => guessWs(base.look!, frame));
      expect(maxDifference(ws(frames[1]!), moved(initial.data, from!, to!))).toBeLessThan(1e-5);
    });
  });

  it('is not used without a look, nor by the presets of the original program', async () => {
    await withNetworks(async (base) => {
      const asked: FaceToEncode[] = [];
      const { landmarkNet, perceptual } = base;
      const options = { ...base, driver: moving(2), encoder: fakeEncoder(asked) };
      const free = { look: undefined, losses: [fidelity()] };
      for (const mode of [free, thorough(), referenceMode({ landmarkNet, perceptual })]) {
        const aligned = { ...options, losses: undefined, ...mode, tracking: undefined };
        const run = { ...aligned, steps: { look: 0, first: 2, next: 2 } };
        const without = { ...run, encoder: undefined };
        expect(latents(await collect(run))).toEqual(latents(await collect(without)));
      }
      expect(asked).toEqual([]);
    });
  });

  it('may be asynchronous', async () => {
    await withNetworks(async (base) => {
      const options = { ...base, driver: moving(5), window: 2 };
      const slow: Encoder = {
        ...fakeEncoder(),
        encode: async (face) => {
          await new Promise((resolve) => setTimeout(resolve, 1));
          return guessOf(face);
        },
      };
      const atOnce = await collect({ ...options, encoder: fakeEncoder() });
      expect(latents(await collect({ ...options, encoder: slow }))).toEqual(latents(atOnce));
    });
  });

  it.each([
    ['too few numbers', Float32Array.of(1, 2)],
    ['NaN', new Float32Array(6).fill(Number.NaN)],
  ])('is refused when it gives %s', async (_, guess) => {
    await withNetworks(async (base) => {
      const encoder = { ...fakeEncoder(), encode: () => guess };
      const run = collect({ ...base, driver: moving(1), encoder, steps: still });
      await expect(run).rejects.toMatchObject({ code: 'invalid-option', message: /driver frame 0/ });
    });
  });

  it('ends the run when it fails, and keeps the finished frames', async () => {
    await withNetworks(async (base) => {
      const broken: Encoder = {
        ...fakeEncoder(),
        encode: async (face) => {
          if (asked++ > 0) throw new Error('no guess');
          return guessOf(face);
        },
      };
      let asked = 0;
      const kept: number[] = [];
      const run = async () => {
        const options = { ...base, driver: moving(4), window: 3, encoder: broken };
        for await (const { index } of projectSequence(options)) kept.push(index);
      };
      await expect(run()).rejects.toThrow('no guess');
      expect(kept).toEqual([0]);
    });
  });

  it.each([1, 2])('resumes with the same frames, window %i', async (window) => {
    await withNetworks(async (base) => {
      const options = { ...base, driver: moving(5), encoder: fakeEncoder(), window };
      const whole = await collect(options);
      for (const finished of [1, 2, 4]) {
        const resume = whole.slice(0, finished).map((frame) => decodeFrame(encodeFrame(frame)));
        expect(latents(await collect({ ...options, resume }))).toEqual(latents(whole));
      }
    });
  });

  it('lets landmarks count from the first step of frame 0', async () => {
    await withNetworks(async (base) => {
      const options = { ...base, driver: moving(1), losses: undefined, steps: still };
      const [plain] = await collect(options);
      const [encoded] = await collect({ ...options, encoder: fakeEncoder() });
      for (const name of ['landmarks', 'heatmaps']) {
        expect(plain!.losses[name]).toBe(0);
        expect(encoded!.losses[name]).toBeGreaterThan(0);
      }
    });
  });
});

it.each([
  [false, [0, 0, 1, 1, 4]],
  [true, [4, 4, 4, 4, 4]],
])('brings the landmarks in by stages (encoded: %s)', (encoded, quarters) => {
  using landmarkNet = tinyLandmarkNet();
  const perceptual = tinyPerceptualNet();
  for (const { name, weight } of identityLosses({ landmarkNet, perceptual })) {
    if (name !== 'landmarks' && name !== 'heatmaps') continue;
    if (typeof weight === 'number') throw new Error(`${name} has one weight for all steps`);
    const at = (frame: number, progress: number) => weight({ frame, step: 0, steps: 1, progress, encoded });
    const full = at(1, 0);
    expect([0, 0.24, 0.31, 0.49, 0.5].map((progress) => (4 * at(0, progress)) / full)).toEqual(quarters);
  }
});

it('must belong to the generator', async () => {
  await withNetworks(async (base) => {
    const run = collect({ ...base, encoder: { ...fakeEncoder(), wDim: 512 } });
    await expect(run).rejects.toMatchObject({ code: 'invalid-option' });
    await expect(run).rejects.toThrow(/encoder must be .*have 6.*512/);
  });
});
