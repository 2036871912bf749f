import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import '../../../tensor/test/support/backends';
import type { FrameOrigin, ProjectedFrame } from '../../src/contracts/frames';
import { decodeFrame, encodeFrame } from '../../src/latents/frame-file';
import { heatmaps, lpips, smooth } from '../../src/losses';
import { adam } from '../../src/optimizers/adam';
import {
  decodeClip,
  encodeClip,
  joinParts,
  type Part,
  type PreparedClip,
  partOf,
  planParts,
  prepareClip,
  prepareParts,
} from '../../src/parts';
import type { ProjectSequenceOptions } from '../../src/sequence/options';
import { projectSequence } from '../../src/sequence/project-sequence';
import { type Base, collect, driver, latents, maxDifference, withNetworks } from '../sequence/support';

beforeAll(() => tf.setBackend('wasm'));

/** A driver whose face moves slowly; its frames belong to these shots. */
const clipOf = (...shots: number[]) =>
  driver(shots.length).map((frame, i) => ({
    ...frame,
    shot: shots[i]!,
    alignedLandmarks: frame.landmarks.map((value, k) => value + Math.sin((i + k) / 3)),
  }));

const steps = { look: 6, first: 4, next: 3 };

/** A run around a projected look, with a target. */
const runOf = ({ landmarkNet: net, perceptual, ...base }: Base): ProjectSequenceOptions => ({
  ...{ ...base, landmarkNet: net, perceptual, steps },
  losses: [lpips({ net: perceptual }), heatmaps({ net }), smooth({ weight: 0.02 })],
  target: { specificationVersion: 'v1', name: 'moved', landmarks: ({ frames }) => frames.map(moved) },
});

const moved = ({ alignedLandmarks }: { alignedLandmarks: Float64Array }) =>
  alignedLandmarks.map((value) => value / 1.1);

/** Finished frames of a part. */
function framesOf({ start, end }: Part, settings: FrameOrigin['settings'] = { seed: 0 }): ProjectedFrame[] {
  return Array.from({ length: end - start }, (_, i) => ({
    ...{ index: start + i, driverIndex: start + i, losses: {}, history: [], steps: 1, stopReason: 'steps' },
    latent: { numWs: 1, wDim: 2, data: Float32Array.of(start + i, 1) },
    coordinates: Float32Array.of(start + i),
    origin: { sdk: '1', settings, mean: [0] },
  }));
}

/** A clip as another machine gets it. */
const sent = (clip: PreparedClip) => decodeClip(encodeClip(clip));

/** Optimises the parts one by one, each from a file. */
async function optimised(options: ProjectSequenceOptions, clip: PreparedClip, parts: readonly Part[]) {
  const done: ProjectedFrame[][] = [];
  for (const part of parts) done.push(await collect({ ...options, driver: sent(partOf(clip, part)) }));
  return done;
}

async function joined(parts: readonly Part[], frames: readonly (readonly ProjectedFrame[])[]) {
  const all: ProjectedFrame[] = [];
  for await (const frame of joinParts(parts, (_, i) => frames[i]!)) all.push(frame);
  return all;
}

describe('planParts', () => {
  const shots = (...lengths: number[]) =>
    lengths.flatMap((length, shot) => Array.from({ length }, () => ({ shot })));
  const plan = (frames: readonly { shot: number }[], options: { frames: number; overlap?: number }) =>
    planParts(frames, options).map(({ start, end, overlap }) => [start, end, overlap]);

  it('splits at cuts, and keeps short shots together', () => {
    expect(plan(shots(4, 3, 2, 6), { frames: 9, overlap: 2 })).toEqual([
      [0, 9, 0],
      [9, 15, 0],
    ]);
    expect(plan(shots(5), { frames: 9, overlap: 2 })).toEqual([[0, 5, 0]]);
  });

  it('splits a long shot into parts that overlap, none longer than asked for', () => {
    expect(plan(shots(3, 20, 4), { frames: 8, overlap: 2 })).toEqual([
      [0, 3, 0],
      [3, 11, 0],
      [9, 17, 2],
      [15, 23, 2],
      [23, 27, 0],
    ]);
    for (const length of [25, 26, 99, 100, 101, 250]) {
      const parts = planParts(shots(length), { frames: 24 });
      const ends = [0, ...parts.map(({ end }) => end)];
      expect(ends.at(-1)).toBe(length);
      expect(parts.map(({ start, overlap }) => start + overlap)).toEqual(ends.slice(0, -1));
      expect(parts.slice(1).every(({ overlap }) => overlap === 8)).toBe(true);
      expect(Math.max(...parts.map(({ start, end }) => end - start))).toBeLessThanOrEqual(24);
    }
  });

  it.each([
    [{ frames: 20, overlap: 7 }, 'overlap must be at most a third of the 20 frames of a part, got 7.'],
    [{ frames: 0 }, 'frames must be a whole number from 1, got 0.'],
    [{ frames: 30, overlap: 1.5 }, 'overlap must be a whole number from 0, got 1.5.'],
  ])('refuses %o', (options, message) => {
    expect(() => planParts(shots(40), options)).toThrow(
      expect.objectContaining({ code: 'invalid-option', message }),
    );
  });
});

describe('parts at cuts', () => {
  it('give the latents of the whole run to the last bit', async () => {
    await withNetworks(async (base) => {
      const options = { ...runOf(base), driver: clipOf(0, 0, 0, 1, 1, 2, 2, 2) };
      const whole = await collect(options);
      const tensors = tf.memory().numTensors;
      const clip = await prepareClip(options);
      const parts = planParts(clip.frames, { frames: 3, overlap: 1 });
      expect(parts.map(({ start }) => start)).toEqual([0, 3, 5]);
      expect(() => partOf(clip, { start: 6, end: 9 })).toThrow(/frames 6 to 8 is not in the clip/);
      let position = 0;
      for await (const { part, clip: prepared } of prepareParts(options, { frames: 3, overlap: 1 })) {
        expect(part).toEqual(parts[position++]);
        expect(encodeClip(prepared)).toEqual(encodeClip(partOf(clip, part)));
      }
      expect(position).toBe(parts.length);
      const all = await joined(parts, await optimised(options, clip, parts));
      expect(tf.memory().numTensors).toBe(tensors);
      expect(all.map(encodeFrame)).toEqual(whole.map(encodeFrame));
      expect(new Set(latents(whole).map(String)).size).toBe(8);
    });
  });

  it('also without a projected look, with every and windows, and refined', { tags: ['long'] }, async () => {
    await withNetworks(async (base) => {
      const options = {
        ...runOf(base),
        ...{ steps: { look: 0, first: 3, next: 2 }, every: 2, window: 2, refine: { window: 2, steps: 2 } },
        driver: clipOf(0, 0, 0, 0, 1, 1, 1, 1, 1),
      };
      const clip = await prepareClip(options);
      const parts = planParts(clip.frames, { frames: 3, overlap: 1 });
      expect(parts.map(({ start, end }) => [start, end])).toEqual([
        [0, 2],
        [2, 5],
      ]);
      const all = await joined(parts, await optimised(options, clip, parts));
      expect(latents(all)).toEqual(latents(await collect(options)));
    });
  });
});

describe('parts that overlap', () => {
  const driver = clipOf(...new Array<number>(12).fill(0));

  it('blend from one to the other', async () => {
    await withNetworks(async (base) => {
      const options = { ...runOf(base), driver };
      const clip = await prepareClip(options);
      const parts = planParts(clip.frames, { frames: 9, overlap: 3 });
      expect(parts).toEqual([
        { start: 0, end: 8, overlap: 0 },
        { start: 5, end: 12, overlap: 3 },
      ]);
      const [a, b] = (await optimised(options, clip, parts)) as [ProjectedFrame[], ProjectedFrame[]];
      const all = await joined(parts, [a, b]);
      expect(all.map(({ index }) => index)).toEqual([...Array(12).keys()]);
      expect(all.slice(0, 5)).toEqual(a.slice(0, 5));
      expect(all.slice(8)).toEqual(b.slice(3));
      for (const [k, share] of [0.25, 0.5, 0.75].entries()) {
        const [from, to] = [a[5 + k]!.latent.data, b[k]!.latent.data];
        const between = from.map((value, i) => value + share * (to[i]! - value));
        expect(maxDifference(all[5 + k]!.latent.data, between)).toBeLessThan(1e-6);
        expect(maxDifference(from, to)).toBeGreaterThan(1e-4);
      }
    });
  });

  it('go on after the frames that are finished', { tags: ['long'] }, async () => {
    await withNetworks(async (base) => {
      const options = { ...runOf(base), driver };
      const part = partOf(await prepareClip(options), { start: 5, end: 12 });
      const whole = await collect({ ...options, driver: part });
      for (const count of [1, 4]) {
        const resume = whole.slice(0, count).map((frame) => decodeFrame(encodeFrame(frame)));
        const events: string[] = [];
        const onProgress = ({ stage }: { stage: string }) => void events.push(stage);
        const resumed = await collect({ ...options, driver: part, resume, onProgress });
        expect(latents(resumed)).toEqual(latents(whole));
        expect(new Set(events)).not.toContain('look');
      }
      const { value: begun } = await projectSequence({ ...options, readEvery: 7 }).next();
      expect((await prepareClip({ ...options, resume: [begun!] })).origin.settings.readEvery).toBe(7);
      const other = prepareClip({ ...options, seed: 3, resume: [begun!] });
      await expect(other).rejects.toThrow(/seed was 0 and is 3/);
    });
  });

  it('can be split once more', { tags: ['long'] }, async () => {
    await withNetworks(async (base) => {
      const options = { ...runOf(base), driver };
      const half = partOf(await prepareClip(options), { start: 5, end: 12 });
      const split = { frames: 4, overlap: 1 };
      for await (const { part, clip } of prepareParts({ ...options, driver: half }, split)) {
        const [start, end] = [5 + part.start, 5 + part.end];
        expect(encodeClip(clip)).toEqual(encodeClip(partOf(half, { start, end })));
      }
    });
  });
});

describe('parts of another run', () => {
  it('are refused when they are optimised, with what differs', async () => {
    await withNetworks(async (base) => {
      const options = { ...runOf(base), driver: clipOf(0, 0, 1) };
      const clip = await prepareClip(options);
      await expect(collect({ ...options, seed: 2, driver: clip })).rejects.toMatchObject({
        code: 'resume-mismatch',
        message: 'The clip was prepared for another run: seed was 0 and is 2.',
      });
    });
  });

  it('are refused when they are joined, like missing ones', async () => {
    const parts = planParts(
      [0, 0, 1, 1].map((shot) => ({ shot })),
      { frames: 2, overlap: 0 },
    );
    const [first, second] = parts as [Part, Part];
    const [a, b] = [framesOf(first), framesOf(second)];
    const refused = async (join: Promise<unknown>, code: string, message: RegExp) =>
      await expect(join).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
    await expect(joined(parts, [a, b])).resolves.toEqual([...a, ...b]);
    await refused(
      joined(parts, [a, framesOf(second, { seed: 5 })]),
      'resume-mismatch',
      /Part 2 .*another run.*seed was 0 and is 5/,
    );
    await refused(joined([], []), 'invalid-option', /parts must be those of planParts/);
    await refused(joined([second], [b]), 'invalid-option', /Part 1 has frames 2 to 3/);
    await refused(joined([first, first], [a, a]), 'invalid-option', /Part 2 has frames 0 to 1/);
    await refused(joined(parts, [a, b.slice(1)]), 'invalid-option', /Part 2 has frame 3 where frame 2/);
    await refused(
      joined(parts, [a, b.slice(0, 1)]),
      'invalid-option',
      /Part 2 is incomplete.* 1 frames instead of 2/,
    );
    await refused(joined(parts, [[...a, ...b], b]), 'invalid-option', /Part 1 has frame 2 where its end/);
    const longer = [first, { start: -1, end: 3, overlap: 3 }];
    await refused(joined(longer, [a, b]), 'invalid-option', /overlap of part 2 must be at most 2, got 3/);
  });

  it('cannot be made where frames depend on the noise maps of frame 0', async () => {
    await withNetworks(async (base) => {
      const noiseMaps = { optimize: 'first-frame', after: 'keep' } as const;
      const options = { ...base, optimizer: adam(), noiseMaps, driver: clipOf(0) };
      await expect(prepareClip(options)).rejects.toMatchObject({ code: 'invalid-option' });
    });
  });
});

it('a clip file is refused when it holds something else', async () => {
  await withNetworks(async (base) => {
    const prepared = await prepareClip({ ...base, driver: clipOf(0) });
    const clip = encodeClip(prepared);
    const heatmapShape = { points: 2, size: 0, patches: new Float32Array(18) };
    const sizeless = encodeClip({ ...prepared, heatmapShape });
    const frame = encodeFrame(framesOf({ start: 0, end: 1, overlap: 0 })[0]!);
    for (const bytes of [frame, sizeless, clip.slice(0, -1), new Uint8Array(3)])
      expect(() => decodeClip(bytes, { file: 'p.safetensors' })).toThrow(
        expect.objectContaining({
          code: 'checkpoint-corrupt',
          message: expect.stringContaining('p.safetensors'),
        }),
      );
  });
});
