import { FaceanimError } from '@faceanim/tensor';
import { expect, it } from 'vitest';
import { eachBackend } from '../../../tensor/test/support/backends';
import type { RgbImage } from '../../src/contracts/image';
import { quadToImage } from '../../src/images/quad';
import { scanForFace } from '../../src/landmarks/locate';
import { normalizedMeanError } from '../../src/landmarks/measures';
import { type AlignedFrame, locateFace, trackFaces } from '../../src/landmarks/track';
import type { TrackFacesOptions } from '../../src/landmarks/track-options';
import { faceAt, paintedFaceNet, paintFace } from './painted-face';

const net = paintedFaceNet();

/** A face that moves over a picture of 240 x 180; undefined where it is hidden. */
const path: [number, number][] = Array.from({ length: 6 }, (_, i) => [120 + 3 * i, 90 + 6 * Math.sin(i)]);

async function* play(places: ([number, number] | undefined)[], step = 1) {
  for (const [i, at] of places.entries()) yield { index: i * step, image: paintFace(240, 180, at) };
}

async function track(
  frames: AsyncIterable<{ index: number; image: RgbImage }>,
  options: Partial<TrackFacesOptions> = {},
): Promise<AlignedFrame[]> {
  const tracked: AlignedFrame[] = [];
  for await (const frame of trackFaces(frames, { net, ...options })) tracked.push(frame);
  return tracked;
}

async function errorOf(run: Promise<unknown>): Promise<FaceanimError> {
  const error = await run.then(
    () => undefined,
    (reason) => reason,
  );
  if (!FaceanimError.isInstance(error)) throw error ?? new Error('did not fail');
  return error;
}

eachBackend(() => {
  it('tracks a face and crops it by its own quad', async () => {
    const frames = await track(play(path), { smoothing: 0, size: 32 });
    expect(frames.map((frame) => frame.index)).toEqual([0, 1, 2, 3, 4, 5]);
    for (const [i, frame] of frames.entries()) {
      expect(normalizedMeanError(frame.landmarks, faceAt(...path[i]!))).toBeLessThan(0.03);
      expect([frame.image.width, frame.image.height]).toEqual([32, 32]);
      expect(frame.score).toBeGreaterThan(0.8);
      const back = quadToImage(frame.alignedLandmarks, frame.quad, 32);
      expect(Math.max(...back.map((value, k) => Math.abs(value - frame.landmarks[k]!)))).toBeLessThan(1e-9);
    }
  });

  it('smooths the quad of a frame towards the previous one, less over skipped frames', async () => {
    const jump: [number, number][] = [
      [110, 90],
      [120, 90],
    ];
    const moved = async (step: number, smoothing: number) => {
      const [a, b] = await track(play(jump, step), { smoothing });
      return b!.quad.center[0] - a!.quad.center[0];
    };
    const whole = await moved(1, 0);
    expect(whole).toBeCloseTo(10, 0);
    expect(await moved(1, 0.2)).toBeCloseTo(0.8 * whole, 6);
    expect(await moved(3, 0.2)).toBeCloseTo(0.992 * whole, 6);
  });

  it('keeps the first quad, the centre, or a rectangle', async () => {
    const first = await track(play(path), { align: 'first' });
    expect(first[5]!.quad).toEqual(first[0]!.quad);
    const none = await track(play(path), { align: 'none' });
    expect(none[5]!.quad).toEqual({ center: [120, 90], x: [90, 0], y: [0, 90] });
    const rect = { x: 50, y: 20, width: 140, height: 150 };
    const cut = await track(play(path), { align: rect });
    expect(cut[5]!.quad.center).toEqual([120, 95]);
    expect(normalizedMeanError(cut[5]!.landmarks, faceAt(...path[5]!))).toBeLessThan(0.03);
  });

  it('searches again when it has lost the face', async () => {
    const frames = await track(
      play([
        [60, 90],
        [190, 90],
      ]),
    );
    expect(normalizedMeanError(frames[1]!.landmarks, faceAt(190, 90))).toBeLessThan(0.03);
  });

  it('names the frame without a face and keeps those before it', async () => {
    const seen: number[] = [];
    const run = async () => {
      const frames = play([...path.slice(0, 2), undefined, path[3]], 5);
      for await (const frame of trackFaces(frames, { net })) seen.push(frame.index);
    };
    expect(await errorOf(run())).toMatchObject({
      code: 'no-face',
      frame: 10,
      message: expect.stringMatching(/frame 10/),
    });
    expect(seen).toEqual([0, 5]);
    expect(await errorOf(locateFace(paintFace(64, 64, undefined), { net }))).toMatchObject({
      code: 'no-face',
    });
  });

  it('uses the minScore of a frame, if it has one', async () => {
    async function* scored() {
      for await (const frame of play(path.slice(0, 3)))
        yield frame.index < 2 ? { ...frame, minScore: 0.45 } : frame;
    }
    expect(await errorOf(track(scored(), { minScore: 1.01 }))).toMatchObject({ code: 'no-face', frame: 2 });
    expect((await track(scored())).map(({ quad }) => quad)).toEqual(
      (await track(play(path.slice(0, 3)))).map(({ quad }) => quad),
    );
  });

  it('accepts a custom locator', async () => {
    const nothing = await errorOf(track(play(path), { locate: async () => undefined }));
    expect(nothing).toMatchObject({ code: 'no-face', frame: 0 });
    const scan = scanForFace(net);
    expect(await scan(paintFace(300, 100, [250, 50]), {})).toBeDefined();
  });

  it('refuses frames of different sizes, no frames and wrong options, and can be aborted', async () => {
    async function* differing() {
      yield { index: 0, image: paintFace(240, 180, [120, 90]) };
      yield { index: 7, image: paintFace(180, 240, [120, 90]) };
    }
    expect(await errorOf(track(differing()))).toMatchObject({ code: 'media', frame: 7 });
    expect(await errorOf(track(play([])))).toMatchObject({ code: 'media' });
    expect(await errorOf(track(play(path), { smoothing: 1 }))).toMatchObject({ code: 'invalid-option' });
    const empty = { x: 0, y: 0, width: 0, height: 9 };
    expect(await errorOf(track(play(path), { align: empty }))).toMatchObject({ code: 'invalid-option' });
    const signal = AbortSignal.abort();
    expect(await errorOf(track(play(path), { signal }))).toMatchObject({ code: 'aborted' });
  });
});
