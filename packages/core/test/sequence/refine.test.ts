import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { eachBackend } from '../../../tensor/test/support/backends';
import type { Encoder } from '../../src/contracts/encoder';
import { decodeFrame, encodeFrame } from '../../src/latents/frame-file';
import { heatmaps, lpips, smooth } from '../../src/losses';
import type { ProjectSequenceOptions } from '../../src/sequence/options';
import type { SequenceFrame } from '../../src/sequence/sequence-frame';
import { resolveSettings } from '../../src/sequence/settings';
import { type Base, collect, driver, latents, maxDifference, withNetworks } from './support';

const count = 8;

/** Frames that follow their driver enough to jump about; the last two are another shot. */
const jumpy = (base: Base): ProjectSequenceOptions => ({
  ...base,
  driver: driver(count).map((frame, i) => ({ ...frame, shot: i < 6 ? 0 : 1 })),
  losses: [lpips({ net: base.perceptual }), heatmaps({ net: base.landmarkNet }), smooth({ weight: 0.02 })],
});

/** Frames that are read from bytes each time. */
const store = (frames: readonly SequenceFrame[]) => ({
  get length() {
    return frames.length;
  },
  at: async (index: number) => frames[index] && decodeFrame(encodeFrame(frames[index])),
});

/** Runs with refinement; also returns the frames of the first pass, from which they may be read again. */
async function refined(options: ProjectSequenceOptions, { reread = false } = {}) {
  const before: SequenceFrame[] = [];
  const onFrame = (frame: SequenceFrame) => void before.push(frame);
  const frames = reread ? store(before) : undefined;
  const after = await collect({ ...options, refine: { window: 3, steps: 6, onFrame, frames } });
  return { before, after };
}

const totalOf = (frames: readonly SequenceFrame[]) =>
  frames.reduce((sum, { losses }) => sum + losses.total!, 0);

eachBackend(() => {
  it('yields refined frames after the first pass, whose joint objective is lower', async () => {
    await withNetworks(async (base) => {
      const options = jumpy(base);
      const plain = await collect(options);
      const tensors = tf.memory().numTensors;
      const { before, after } = await refined(options);
      expect(tf.memory().numTensors).toBe(tensors);
      expect(latents(before)).toEqual(latents(plain));
      expect(after.map(({ index, driver: { index: of }, latent }) => [index, of, latent.shot])).toEqual(
        plain.map(({ index, driver: { index: of }, latent }) => [index, of, latent.shot]),
      );
      for (const [i, { latent }] of after.entries()) {
        const change = maxDifference(latent.data, plain[i]!.latent.data);
        // The first frames of the two shots stay.
        if (i === 0 || i === 6) expect(change).toBe(0);
        else if (i < 6) expect(change).toBeGreaterThan(1e-4);
      }
      expect(totalOf(after)).toBeLessThan(totalOf(plain));
    });
  });

  it('resumes from the frames of the first pass, and from no others', async () => {
    await withNetworks(async (base) => {
      const options = jumpy(base);
      const { before, after } = await refined(options);
      const again = await refined({ ...options, resume: before.slice(0, 5) });
      expect(latents(again.after)).toEqual(latents(after));
      await expect(collect({ ...options, resume: after })).rejects.toMatchObject({
        code: 'resume-mismatch',
        message: 'Frame 1 to resume from is refined.',
      });
    });
  });
});

it('resumes to the same frames around a projected look, across cuts and with every', async () => {
  await withNetworks(async (base) => {
    const encoder: Encoder = {
      specificationVersion: 'v1',
      wDim: 6,
      encode: ({ landmarks }) => new Float32Array(6).fill(0.1 * landmarks[0]!),
    };
    const clip = driver(9).map((frame, i) => ({
      ...frame,
      shot: i < 6 ? 0 : 1,
      alignedLandmarks: frame.landmarks.map((value) => value + i / 4),
    }));
    const steps = { look: 5, first: 2, next: 2 };
    const options = { ...jumpy(base), driver: clip, encoder, every: 2, steps };
    const { before, after } = await refined(options);
    expect(after.map(({ driver, latent }) => [driver.index, latent.shot])).toEqual([
      [0, 0],
      [2, 0],
      [4, 0],
      [6, 1],
      [8, 1],
    ]);
    for (const count of [1, 4]) {
      const resume = store(before.slice(0, count));
      const again = await refined({ ...options, resume }, { reread: true });
      expect(latents(again.before), `after ${count}`).toEqual(latents(before));
      expect(latents(again.after), `after ${count}`).toEqual(latents(after));
    }
  });
});

it('refuses windows that the optimizer cannot solve before it reads the driver', async () => {
  await withNetworks(async (base) => {
    let read = false;
    const clip = function* () {
      read = true;
      yield* driver(2);
    };
    await expect(collect({ ...base, driver: clip(), refine: { window: 300_000 } })).rejects.toMatchObject({
      code: 'invalid-option',
      message: expect.stringContaining('windows of 300000 frames'),
    });
    expect(read).toBe(false);
  });
});

it('has defaults for what is undefined', async () => {
  await withNetworks(async (base) => {
    const refine = { window: undefined, steps: undefined };
    expect(resolveSettings({ ...base, refine }).refine).toMatchObject({ window: 6, steps: 6 });
  });
});
