import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import type { ProjectedFrame } from '../../src/contracts/frames';
import type { RgbImage } from '../../src/contracts/image';
import type { ProgressEvent } from '../../src/contracts/progress';
import { FaceanimError } from '../../src/errors';
import type { AlignedFrame } from '../../src/landmarks/track';
import { fan, fidelity, lpips, smooth } from '../../src/losses';
import { tensorToImages } from '../../src/media/image-tensors';
import { referenceMode } from '../../src/reference/reference-mode';
import { decodeFrame, encodeFrame } from '../../src/sequence/frame-file';
import { interpolate } from '../../src/sequence/interpolate';
import {
  type ProjectSequenceOptions,
  projectSequence,
  type SequenceFrame,
} from '../../src/sequence/project-sequence';
import { render } from '../../src/sequence/render';
import { randomState } from '../../src/tensor/rng';
import { tinyGenerator, tinyLandmarkNet, tinyPerceptualNet } from '../../src/testing';
import { eachBackend } from '../support/backends';

function picture(seed: number, size = 16): RgbImage {
  const values = randomState(seed).randn(size * size * 3);
  return {
    width: size,
    height: size,
    data: Uint8Array.from(values, (x) => Math.max(0, Math.min(255, 128 + 60 * x))),
  };
}

/** Frames that a tracker would have given; tiny networks see no faces. */
function driver(count: number): AlignedFrame[] {
  return Array.from({ length: count }, (_, index) => ({
    index,
    image: picture(100 + index),
    landmarks: new Float64Array(136).fill(8),
    alignedLandmarks: new Float64Array(136).fill(8),
    quad: { center: [8, 8], x: [8, 0], y: [0, 8] },
    score: 1,
  }));
}

async function withNetworks<T>(run: (base: ProjectSequenceOptions) => Promise<T>): Promise<T> {
  using generator = tinyGenerator();
  using landmarkNet = tinyLandmarkNet();
  using perceptual = tinyPerceptualNet();
  // A look that the generator can draw.
  const z = Float32Array.from(randomState(8).randn(generator.zDim));
  const drawn = tf.tidy(() => generator.synthesis(generator.mapping(tf.tensor2d(z, [1, z.length]))));
  const [look] = await tensorToImages(drawn, 'signed');
  drawn.dispose();
  return await run({
    generator,
    landmarkNet,
    perceptual,
    driver: driver(4),
    align: 'given',
    look,
    losses: [lpips(), fan({ weight: 0.01 }), smooth()],
    steps: { first: 12, next: 5 },
    statistics: { samples: 300 },
  });
}

async function collect(options: ProjectSequenceOptions): Promise<SequenceFrame[]> {
  const frames: SequenceFrame[] = [];
  for await (const frame of projectSequence(options)) frames.push(frame);
  return frames;
}

const latents = (frames: readonly ProjectedFrame[]) => frames.map(({ latent }) => [...latent.data]);

eachBackend(() => {
  it('projects every driver frame, each from the one before', async () => {
    await withNetworks(async (base) => {
      const frames = await collect(base);
      expect(frames.map(({ index }) => index)).toEqual([0, 1, 2, 3]);
      expect(frames.map(({ steps }) => steps)).toEqual([12, 5, 5, 5]);
      expect(Object.keys(frames[0]!.losses)).toEqual(['lpips', 'fan', 'total']);
      expect(Object.keys(frames[1]!.losses)).toEqual(['lpips', 'fan', 'smooth', 'total']);
      expect(frames[0]!.losses.total).toBeLessThan(0.8 * frames[0]!.history[0]!.total);
      const step = (a: number, b: number) =>
        Math.hypot(...frames[a]!.latent.data.map((x, i) => x - frames[b]!.latent.data[i]!));
      // Frame 1 starts at frame 0, so that it stays nearer to it than to the mean latent.
      expect(step(0, 1)).toBeGreaterThan(0);
      expect(step(0, 1)).toBeLessThan(Math.hypot(...frames[1]!.latent.data));
    });
  });

  it('works without a look', async () => {
    await withNetworks(async (base) => {
      const options = {
        ...base,
        look: undefined,
        losses: [fan(), fidelity()],
      };
      expect(await collect(options)).toHaveLength(4);
      expect(await collect({ ...base, look: undefined, losses: undefined })).toHaveLength(4);
      expect(await collect({ ...base, losses: undefined })).toHaveLength(4);
    });
  });

  it('gives the same latents for a seed', async () => {
    await withNetworks(async (base) => {
      const run = (seed: number) => collect({ ...base, seed, latentNoise: { factor: 0.3 } });
      const first = latents(await run(1));
      expect(latents(await run(1))).toEqual(first);
      expect(latents(await run(2))).not.toEqual(first);
    });
  });

  it('goes on where a run was broken off and ends with the same frames', async () => {
    await withNetworks(async (base) => {
      const noiseMaps = { optimize: 'first-frame', after: 'keep' } as const;
      const options = { ...base, latentNoise: { factor: 0.3 }, noiseMaps };
      const whole = await collect(options);
      const controller = new AbortController();
      const saved: Uint8Array[] = [];
      const broken = async () => {
        for await (const frame of projectSequence({ ...options, signal: controller.signal })) {
          saved.push(encodeFrame(frame));
          if (frame.index === 1) controller.abort();
        }
      };
      await expect(broken()).rejects.toMatchObject({ code: 'aborted', frame: 2 });
      expect(saved).toHaveLength(2);
      const resumed = await collect({ ...options, resume: saved.map((bytes) => decodeFrame(bytes)) });
      expect(latents(resumed)).toEqual(latents(whole));
      expect(resumed[3]!.noise).toEqual(whole[3]!.noise);
    });
  });

  it('refuses to resume from frames of another run', async () => {
    await withNetworks(async (base) => {
      const [frame] = await collect({ ...base, driver: driver(1) });
      const other = collect({ ...base, space: 'w+', resume: [frame!] });
      await expect(other).rejects.toMatchObject({ code: 'resume-mismatch', frame: 0 });
    });
  });

  it('keeps what was finished before a frame that fails', async () => {
    await withNetworks(async (base) => {
      async function* failing() {
        yield* driver(2);
        throw new FaceanimError('no-face', 'No face in frame 2.', { frame: 2 });
      }
      const kept: number[] = [];
      const run = async () => {
        for await (const { index } of projectSequence({ ...base, driver: failing() })) kept.push(index);
      };
      await expect(run()).rejects.toMatchObject({ code: 'no-face', frame: 2 });
      expect(kept).toEqual([0, 1]);
    });
  });

  it('tells how far it is', async () => {
    await withNetworks(async (base) => {
      const events: ProgressEvent[] = [];
      await collect({ ...base, frames: 4, onProgress: (event) => events.push(event) });
      const steps = events.filter(({ stage }) => stage === 'optimize');
      expect(steps).toHaveLength(12 + 3 * 5);
      expect(steps.at(-1)).toMatchObject({ frame: 3, step: 4, steps: 5, fraction: 1, etaSeconds: 0 });
      expect(steps.every(({ fraction }, i) => i === 0 || fraction! > steps[i - 1]!.fraction!)).toBe(true);
    });
  });

  it('renders sub-frames of projected frames, with the noise maps asked for', async () => {
    await withNetworks(async (base) => {
      const images: RgbImage[] = [];
      for await (const image of render(interpolate(projectSequence(base), { factor: 3 }), base.generator, {
        batch: 4,
      })) {
        images.push(image);
      }
      expect(images).toHaveLength(3 * 3 + 1);
      expect(images[0]).toMatchObject({ width: 16, height: 16 });
      const [frame] = await collect({ ...base, driver: driver(1) });
      const draw = async (noise: 'const' | 'none') => {
        for await (const { data } of render([frame!], base.generator, { noise })) return data;
        return undefined;
      };
      expect(await draw('const')).toEqual(images[0]!.data);
      expect(await draw('none')).not.toEqual(images[0]!.data);
    });
  });

  it('runs in reference mode', async () => {
    await withNetworks(async (base) => {
      const frames = await collect({ ...base, losses: undefined, ...referenceMode(), align: 'given' });
      expect(Object.keys(frames[1]!.losses)).toEqual([
        'lpips',
        'fan',
        'fidelity',
        'smooth',
        'noise',
        'total',
      ]);
      // The noise maps are optimised in frame 0 only, and stay in the objective.
      expect(frames[1]!.noise).toEqual(frames[0]!.noise);
      expect(frames[1]!.losses.noise).toBeCloseTo(frames[2]!.losses.noise!, 6);
    });
  });
});

it.each<[string, Partial<ProjectSequenceOptions>, RegExp]>([
  ['an unknown space', { space: 'z' as 'w' }, /space/],
  ['no steps', { steps: { first: 0 } }, /steps\.first/],
  ['NaN as learning rate', { learningRate: Number.NaN }, /learningRate/],
  ['NaN as weight', { losses: [fidelity({ weight: Number.NaN })] }, /fidelity/],
  ['a term twice', { losses: [fidelity(), fidelity()] }, /different names/],
  ['no terms', { losses: [] }, /losses/],
  ['lpips without a look', { look: undefined }, /lpips needs look/],
  ['a driver without frames', { driver: [] }, /no frames/],
  ['plain images as aligned ones', { driver: [{ index: 0, image: picture(1) }] }, /aligned frame/],
])('refuses %s', async (_, options, message) => {
  await withNetworks(async (base) => {
    await expect(collect({ ...base, ...options })).rejects.toThrow(message);
  });
});
