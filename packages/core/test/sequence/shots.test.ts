import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import '../../../tensor/test/support/backends';
import type { ProgressEvent } from '../../src/contracts/progress';
import type { AlignedFrame } from '../../src/landmarks/track';
import { decodeFrame, encodeFrame } from '../../src/latents/frame-file';
import { heatmaps, lpips, prior, smooth } from '../../src/losses';
import { adam } from '../../src/optimizers/adam';
import { collect, driver, latents, withNetworks } from './support';

beforeAll(() => tf.setBackend('wasm'));

/** A driver whose frames belong to these shots. */
const cut = (...shots: number[]): AlignedFrame[] =>
  driver(shots.length).map((frame, i) => ({ ...frame, shot: shots[i]! }));

/** Terms that depend on the frame before and, by its schedule, on the place in the shot. */
const terms = [
  smooth({ weight: 0.002 }),
  prior({ weight: ({ frame }) => (frame === 0 ? 0.03 : frame === 1 ? 0.02 : 0.01) }),
];

describe('shots', () => {
  it.each([1, 2])('are as runs of their own, also when resumed; window %i', async (window) => {
    await withNetworks(async (base) => {
      const { landmarkNet: net, perceptual } = base;
      const options = { ...base, losses: [lpips({ net: perceptual }), heatmaps({ net }), ...terms], window };
      const clip = cut(0, 0, 0, 1, 2, 2);
      const events: ProgressEvent[] = [];
      const whole = await collect({ ...options, driver: clip, onProgress: (event) => events.push(event) });
      const alone = [];
      for (const shot of [0, 1, 2]) {
        alone.push(...(await collect({ ...options, driver: clip.filter((frame) => frame.shot === shot) })));
      }
      expect(latents(whole)).toEqual(latents(alone));
      expect(new Set(latents(whole).map(String)).size).toBe(6);
      expect(whole.map(({ index, steps, latent }) => [index, steps, latent.shot])).toEqual([
        [0, 12, 0],
        [1, 5, 0],
        [2, 5, 0],
        [3, 12, 1],
        [4, 12, 2],
        [5, 5, 2],
      ]);
      for (const count of [2, 3, 4, 5]) {
        const resume = whole.slice(0, count).map((frame) => decodeFrame(encodeFrame(frame)));
        const resumed = await collect({ ...options, driver: clip, resume });
        expect(latents(resumed), `after ${count}`).toEqual(latents(whole));
      }
    });
  });

  it('resume to the same frames around a projected look', async () => {
    await withNetworks(async (base) => {
      const steps = { look: 6, first: 4, next: 3 };
      const options = { ...base, steps, driver: cut(0, 0, 1, 1) };
      const whole = await collect(options);
      for (const count of [1, 2, 3]) {
        const resume = whole.slice(0, count).map((frame) => decodeFrame(encodeFrame(frame)));
        const resumed = await collect({ ...options, resume });
        expect(latents(resumed), `after ${count}`).toEqual(latents(whole));
      }
    });
  });

  it('keep the noise maps that were optimised in frame 0', async () => {
    await withNetworks(async (base) => {
      const frames = await collect({
        ...base,
        driver: cut(0, 1, 1),
        optimizer: adam(),
        noiseMaps: { optimize: 'first-frame', after: 'keep' },
        steps: { look: 0, first: 2, next: 2 },
      });
      const maps = frames.map(({ latent }) => latent.noise);
      expect(Object.keys(maps[0]!)).not.toHaveLength(0);
      expect(maps[1]).toEqual(maps[0]);
      expect(maps[2]).toEqual(maps[0]);
    });
  });
});

describe('every', () => {
  const plain = driver(4).map(({ index, image }) => ({ index, image }));
  const tracking = { align: 'none', minScore: 0 } as const;

  it('optimises every n-th frame, and tracks all', async () => {
    await withNetworks(async (base) => {
      const options = { ...base, tracking, steps: { look: 0, first: 3, next: 2 } };
      const events: ProgressEvent[] = [];
      const onProgress = (event: ProgressEvent) => events.push(event);
      const run = await collect({ ...options, driver: plain, every: 3, onProgress });
      expect(run.map(({ index, driver }) => [index, driver.index])).toEqual([
        [0, 0],
        [1, 3],
      ]);
      const tracked = events.filter(({ stage }) => stage === 'track').map(({ frame }) => frame);
      expect(tracked).toEqual([0, 1, 2, 3]);
      const last = events.at(-1)!;
      expect([last.frames, last.position, last.fraction]).toEqual([2, 1, 1]);
      const sparse = await collect({ ...options, driver: [plain[0]!, plain[3]!] });
      expect(latents(run)).toEqual(latents(sparse));
      const resume = run.slice(0, 1);
      expect(latents(await collect({ ...options, driver: plain, every: 3, resume }))).toEqual(latents(run));
      const other = collect({ ...options, driver: plain, every: 2, resume });
      await expect(other).rejects.toThrow(/every was 3 and is 2/);
    });
  });

  it('counts frames from the first, also of a stream and across cuts', async () => {
    await withNetworks(async (base) => {
      const options = { ...base, steps: { look: 0, first: 1, next: 1 } };
      const indices = async (every: number) => {
        const run = await collect({ ...options, driver: cut(0, 0, 1, 1, 1), every });
        return run.map(({ driver }) => driver.index);
      };
      expect(await indices(2)).toEqual([0, 2, 4]);
      expect(await indices(9)).toEqual([0]);
    });
  });

  it.each([0, 1.5])('refuses %d', async (every) => {
    await withNetworks(async (base) => {
      await expect(collect({ ...base, every })).rejects.toMatchObject({ code: 'invalid-option' });
    });
  });
});
