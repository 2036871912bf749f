import { expect, it } from 'vitest';
import { eachBackend } from '../../../tensor/test/support/backends';
import type { RgbImage } from '../../src/contracts/image';
import { quadToImage } from '../../src/images/quad';
import { scanForFaces } from '../../src/landmarks/locate';
import { locateFace } from '../../src/landmarks/locate-face';
import { normalizedMeanError } from '../../src/landmarks/measures';
import { type AlignedFrame, trackFaces } from '../../src/landmarks/track';
import type { TrackFacesOptions } from '../../src/landmarks/track-options';
import { faceAt, paintFace, paintFaces } from './painted-face';
import { errorOf, locate, net, play, shown } from './tracking-support';

/** A face that moves over a picture of 240 x 180. */
const path: [number, number][] = Array.from({ length: 6 }, (_, i) => [120 + 3 * i, 90 + 6 * Math.sin(i)]);

async function track(
  frames: AsyncIterable<{ index: number; image: RgbImage }>,
  options: Partial<TrackFacesOptions> = {},
): Promise<AlignedFrame[]> {
  const tracked: AlignedFrame[] = [];
  for await (const frame of trackFaces(frames, { landmarkNet: net, locate, ...options })) tracked.push(frame);
  return tracked;
}

eachBackend(() => {
  it('tracks a face and crops it by its own quad', async () => {
    const frames = await track(play(path), { smoothing: false, size: 32 });
    expect(frames.map((frame) => frame.index)).toEqual([0, 1, 2, 3, 4, 5]);
    for (const [i, frame] of frames.entries()) {
      expect(normalizedMeanError(frame.landmarks, faceAt(...path[i]!))).toBeLessThan(0.03);
      expect([frame.image.width, frame.image.height]).toEqual([32, 32]);
      expect(frame).toMatchObject({ shot: 0, found: true });
      expect(frame.score).toBeGreaterThan(0.8);
      const back = quadToImage(frame.alignedLandmarks, frame.quad, 32);
      expect(Math.max(...back.map((value, k) => Math.abs(value - frame.landmarks[k]!)))).toBeLessThan(1e-9);
    }
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

  it('searches again when it has lost the face, and begins a shot where the face has jumped', async () => {
    const frames = await track(
      play([
        [60, 90],
        [180, 90],
      ]),
    );
    expect(normalizedMeanError(frames[1]!.landmarks, faceAt(180, 90))).toBeLessThan(0.03);
    expect(frames.map(({ shot }) => shot)).toEqual([0, 1]);
    // The filter starts anew, too.
    expect(frames[1]!.quad.center[0] - frames[0]!.quad.center[0]).toBeCloseTo(120, 0);
  });

  it('yields each frame before it reads the next', async () => {
    let read = -1;
    async function* watched() {
      for await (const frame of play(path)) {
        read = frame.index;
        yield frame;
      }
    }
    for await (const { index } of trackFaces(watched(), { landmarkNet: net, locate }))
      expect(read).toBe(index);
  });

  it('holds the last face in frames without one, and leaves out those before the first', async () => {
    const warnings: string[] = [];
    const onWarning = (text: string) => warnings.push(text);
    const places = [undefined, path[1]!, path[2]!, undefined, undefined, path[4]!];
    const frames = await track(play(places), { onWarning });
    expect(frames.map(({ index, found }) => [index, found])).toEqual([
      [1, true],
      [2, true],
      [3, false],
      [4, false],
      [5, true],
    ]);
    expect(frames[2]).toEqual({ ...frames[1], index: 3, found: false });
    expect(warnings).toEqual([expect.stringMatching(/No face was found in 3 of 6 frames: 0, 3-4\./)]);
    expect((await track(play(places), { onMissingFace: 'skip' })).map(({ index }) => index)).toEqual([
      1, 2, 5,
    ]);
  });

  it('names the frame without a face with error, and keeps those before it', async () => {
    const seen: number[] = [];
    const run = async () => {
      const frames = play([...path.slice(0, 2), undefined, path[3]], 5);
      for await (const frame of trackFaces(frames, { landmarkNet: net, locate, onMissingFace: 'error' }))
        seen.push(frame.index);
    };
    expect(await errorOf(run())).toMatchObject({
      code: 'no-face',
      frame: 10,
      message: expect.stringMatching(/frame 10/),
    });
    expect(seen).toEqual([0, 5]);
    expect(
      await errorOf(locateFace(paintFace(64, 64, undefined), { landmarkNet: net, locate })),
    ).toMatchObject({
      code: 'no-face',
    });
  });

  it('chooses the largest face, one by its position, or the one at a point, and says so', async () => {
    const image = paintFaces(480, 180, [{ at: [380, 90] }, { at: [100, 80] }]);
    const located = async (options: Partial<TrackFacesOptions>) => {
      const warnings: string[] = [];
      const face = await locateFace(image, {
        landmarkNet: net,
        ...options,
        onWarning: (text) => warnings.push(text),
      });
      expect(warnings).toEqual([expect.stringMatching(/^The image has 2 faces\. Face [01] from the left/)]);
      return Math.round(face.quad.center[0]);
    };
    expect(await located({ face: 0 })).toBe(100);
    expect(await located({ face: 1 })).toBe(380);
    expect(await located({ face: { x: 350, y: 20 } })).toBe(380);
    const quads = [faceQuad(100, 90), faceQuad(380, 80)];
    const bySize = async () => quads.map((quad) => ({ quad, score: 1 }));
    expect(await located({ locate: bySize })).toBe(100);
    expect(await errorOf(locateFace(image, { landmarkNet: net, locate, face: 2 }))).toMatchObject({
      code: 'no-face',
      message: 'The image has no face 2: 2 faces were found.',
    });
    const frames = [{ index: 0, image }];
    await expect(trackFaces(frames, { landmarkNet: net, locate, face: 3 }).next()).rejects.toMatchObject({
      code: 'no-face',
    });
  });

  it('keeps its face while another one passes in front of it', async () => {
    const frames = async function* () {
      for (let index = 0; index < 9; index++) {
        const other = { at: [20 + 25 * index, 90] as const, blue: 150 };
        yield { index, image: shown([{ at: [120, 90] }, other]) };
      }
    };
    const tracked = await track(frames(), { face: { x: 120, y: 90 } });
    expect(tracked).toHaveLength(9);
    expect(tracked.map(({ shot }) => shot)).toEqual(Array(9).fill(0));
    expect(tracked[4]!.found).toBe(false);
    for (const { landmarks, found } of tracked) {
      if (found) expect(normalizedMeanError(landmarks, faceAt(120, 90))).toBeLessThan(0.05);
    }
    expect(tracked.at(-1)!.found).toBe(true);
  });

  it('accepts a custom locator', async () => {
    const nothing = await errorOf(track(play(path), { locate: async () => [] }));
    expect(nothing).toMatchObject({ code: 'no-face', message: 'No face was found in any of the 6 frames.' });
    const scan = scanForFaces(net);
    expect(await scan(paintFace(300, 100, [250, 50]), {})).toHaveLength(1);
  });

  it('refuses frames of different sizes, no frames and wrong options, and can be aborted', async () => {
    async function* differing() {
      yield { index: 0, image: paintFace(240, 180, [120, 90]) };
      yield { index: 7, image: paintFace(180, 240, [120, 90]) };
    }
    expect(await errorOf(track(differing()))).toMatchObject({ code: 'media', frame: 7 });
    expect(await errorOf(track(play([])))).toMatchObject({ code: 'media' });
    for (const wrong of [
      { smoothing: { beta: -1 } },
      { align: { x: 0, y: 0, width: 0, height: 9 } },
      { face: -1 },
      { face: 'smallest' },
      { face: 'largest', align: 'none' },
      { face: 0, align: { x: 0, y: 0, width: 9, height: 9 } },
      { onMissingFace: 'stop' },
    ]) {
      const run = track(play(path), wrong as unknown as TrackFacesOptions);
      expect(await errorOf(run)).toMatchObject({ code: 'invalid-option' });
    }
    const signal = AbortSignal.abort();
    expect(await errorOf(track(play(path), { signal }))).toMatchObject({ code: 'aborted' });
  });
});

/** A square around a painted face; its height is the size of the face. */
function faceQuad(x: number, size: number) {
  return { center: [x, 90], x: [size, 0], y: [0, size] } as const;
}
