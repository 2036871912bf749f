import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import '../../../tensor/test/support/backends';
import type { ProgressEvent } from '../../src/contracts/progress';
import { cropQuad } from '../../src/images/warp';
import { normalizedMeanError } from '../../src/landmarks/measures';
import type { AlignedFrame } from '../../src/landmarks/track';
import { trackClip, trackSparsely } from '../../src/landmarks/track-clip';
import type { TrackClipOptions } from '../../src/landmarks/track-options';
import { faceAt } from './painted-face';
import { errorOf, locate, net, play, shown } from './tracking-support';

const track = (
  frames: Parameters<typeof trackClip>[0],
  options: Partial<TrackClipOptions> = {},
): Promise<AlignedFrame[]> => trackClip(frames, { landmarkNet: net, locate, size: 32, ...options });

/** A face that moves steadily to the right, and shakes by `shake` pixels. */
const moving = (count: number, shake = 0): [number, number][] =>
  Array.from({ length: count }, (_, i) => [90 + 4 * i + shake * (i % 2 ? 1 : -1), 90]);

const xs = (frames: readonly AlignedFrame[]) => frames.map(({ quad }) => quad.center[0]);

describe('trackClip', () => {
  let before: number;
  beforeAll(async () => {
    await tf.setBackend('wasm');
    before = tf.memory().numTensors;
  });
  afterAll(() => expect(tf.memory().numTensors).toBe(before));

  it('crops each frame by its own quad, smoothed without lag', async () => {
    const [steady, shaken, raw] = [
      await track(play(moving(12))),
      await track(play(moving(12, 2))),
      await track(play(moving(12, 2)), { smoothing: 0 }),
    ];
    for (const [i, x] of xs(shaken).entries()) {
      expect(Math.abs(x - xs(steady)[i]!)).toBeLessThan(i > 0 && i < 11 ? 0.6 : 1.2);
      expect(Math.abs(xs(raw)[i]! - xs(steady)[i]!)).toBeGreaterThan(1.4);
      expect(normalizedMeanError(shaken[i]!.landmarks, faceAt(...moving(12, 2)[i]!))).toBeLessThan(0.03);
    }
    const frame = shaken[5]!;
    const image = shown([{ at: moving(12, 2)[5]! }]);
    expect(frame.image).toEqual(cropQuad(image, frame.quad, 32));
  });

  it('is done with a frame once 3 · smoothing frames have followed', async () => {
    async function* overwritten() {
      const pictures: Uint8Array[] = [];
      for await (const frame of play(moving(12, 2))) {
        pictures.push(frame.image.data as Uint8Array);
        pictures.at(-8)?.fill(0);
        yield frame;
      }
    }
    const expected = await track(play(moving(12, 2)));
    expect(await track(overwritten())).toEqual(expected);
  });

  it('reports how far it is, if it knows the number of frames', async () => {
    const events: Partial<ProgressEvent>[] = [];
    await track(play(moving(4)), { frames: 4, onProgress: (event) => events.push(event) });
    expect(events.map(({ stage, fraction }) => [stage, fraction])).toEqual([
      ['track', 0],
      ['track', 0.25],
      ['track', 0.5],
      ['track', 0.75],
    ]);
    expect(events.map(({ etaSeconds }) => etaSeconds !== undefined)).toEqual([false, false, true, true]);
  });

  it('begins a shot at a cut, and smooths within shots only', async () => {
    const stripes = (x: number) => [(x * 8) % 2 < 1 ? 250 : 30, 0] as const;
    const squares = (x: number, y: number) => [30, (x * 6) % 2 < 1 === (y * 4) % 2 < 1 ? 250 : 0] as const;
    const frames = [];
    for (let index = 0; index < 8; index++) {
      const at = [index < 4 ? 110 : 130, 90] as const;
      frames.push({ index, image: shown([{ at }], index < 4 ? stripes : squares) });
    }
    const tracked = await track(frames);
    expect(tracked.map(({ shot }) => shot)).toEqual([0, 0, 0, 0, 1, 1, 1, 1]);
    expect(xs(tracked)[4]! - xs(tracked)[3]!).toBeCloseTo(20, 0);
    // The same background everywhere: moving by as much is no cut.
    const uncut = await track(
      frames.map(({ index }) => ({ index, image: shown([{ at: [index < 4 ? 110 : 130, 90] }], stripes) })),
    );
    expect(uncut.map(({ shot }) => shot)).toEqual(Array(8).fill(0));
  });

  it.each<[string, TrackClipOptions['onMissingFace'], number, number[]]>([
    ['all', 'hold', 1, [0, 1, 2, 3, 4, 5, 6]],
    // Frame 3 holds the face of frame 2.
    ['every third', 'hold', 3, [0, 1, 2, 3, 6]],
    // The third one found is frame 4.
    ['every second found', 'skip', 2, [1, 4, 6]],
  ])('keeps the crops of frames that are used: %s', async (_, onMissingFace, every, kept) => {
    const places: ([number, number] | undefined)[] = moving(7);
    places[0] = places[3] = undefined;
    const all = await track(play(places), { onMissingFace });
    const options = { landmarkNet: net, locate, size: 32, onMissingFace };
    const sparse = await trackSparsely(play(places), options, every);
    expect(sparse.flatMap(({ image, index }) => (image ? [index] : []))).toEqual(kept);
    expect(sparse).toEqual(
      all.map(({ image, ...face }) => (kept.includes(face.index) ? { image, ...face } : face)),
    );
  });

  it('holds faces in frames without one, also in the first', async () => {
    const warnings: string[] = [];
    const path = moving(6);
    const places = [undefined, path[1], path[2], undefined, path[4], undefined];
    const frames = await track(play(places), { onWarning: (text) => warnings.push(text) });
    expect(frames.map(({ index, found }) => [index, found])).toEqual([
      [0, false],
      [1, true],
      [2, true],
      [3, false],
      [4, true],
      [5, false],
    ]);
    expect(frames[0]).toEqual({ ...frames[1], index: 0, found: false });
    expect(frames[3]).toEqual({ ...frames[2], index: 3, found: false });
    expect(frames.map(({ shot }) => shot)).toEqual(Array(6).fill(0));
    expect(warnings).toEqual([
      'No face was found in 3 of 6 frames: 0, 3, 5. The face of a frame nearby is held there.',
    ]);
  });

  it('skips frames without a face, or ends at the first', async () => {
    const places = [undefined, ...moving(2), undefined];
    expect((await track(play(places), { onMissingFace: 'skip' })).map(({ index }) => index)).toEqual([1, 2]);
    const ended = await errorOf(track(play(places), { onMissingFace: 'error' }));
    expect(ended).toMatchObject({ code: 'no-face', frame: 0 });
    for (const onMissingFace of ['hold', 'skip'] as const) {
      expect(await errorOf(track(play([undefined, undefined]), { onMissingFace }))).toMatchObject({
        code: 'no-face',
        message: 'No face was found in any of the 2 frames.',
        hint: expect.stringMatching(/upright/),
      });
    }
  });

  it('takes one frame, and refuses none', async () => {
    expect(await track(play(moving(1)))).toHaveLength(1);
    expect(await errorOf(track(play([])))).toMatchObject({ code: 'media' });
    expect(await errorOf(track(play(moving(2)), { smoothing: -1 }))).toMatchObject({
      code: 'invalid-option',
    });
  });
});
