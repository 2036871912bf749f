import type { Encoder } from '../contracts/encoder';
import type { Generator } from '../contracts/generator';
import type { RgbImage } from '../contracts/image';
import { invalidOption } from '../errors';
import type { AlignedFrame } from '../landmarks/track';
import type { LatentSpace } from '../optim/latent-space';
import type { FinishedFrames, SequenceRun } from './project-window';

/**
 * Coordinates `[count, layers, dimensions]` to start from, one per driver frame.
 *
 * - With an encoder: in frame 0 its guess; later the last coordinates, moved as far as its guess moves from the driver
 *   frame of then to that of now.
 * - Without: in frame 0 `initial` or ŵ; later where the last frame ended. Quasi-Newton steps are few and start half a
 *   step on along the motion of the last two frames (a whole one shoots past blinks).
 */
export async function startOf(
  run: SequenceRun,
  drivers: readonly AlignedFrame[],
  { last, beforeLast, driver }: FinishedFrames,
): Promise<Float32Array> {
  const { options, settings, space, guess } = run;
  const { initial } = options;
  const before = guess && driver && (await guess(driver));
  const starts = await Promise.all(
    drivers.map(async (frame) => {
      if (!last) return initial ? space.fromWs(initial.data) : ((await guess?.(frame)) ?? space.origin);
      if (guess && before) return moved(last.coordinates, before, await guess(frame), 1);
      if (settings.optimizer === 'adam' || !beforeLast) return last.coordinates;
      return moved(last.coordinates, beforeLast.coordinates, last.coordinates, 0.5);
    }),
  );
  const size = space.origin.length;
  const all = new Float32Array(drivers.length * size);
  for (const [i, start] of starts.entries()) all.set(start, i * size);
  return all;
}

/** An encoder's guess for a driver frame, in the coordinates of the space. */
export type Guess = (driver: AlignedFrame) => Promise<Float32Array>;

/** The guesses of an encoder for a look. Each is kept as long as its frame, since the frame after starts from it too. */
export function guesses(encoder: Encoder, look: RgbImage, space: LatentSpace, { numWs }: Generator): Guess {
  const known = new WeakMap<AlignedFrame, Promise<Float32Array>>();
  const ask: Guess = async ({ index, image, alignedLandmarks }) => {
    const landmarks = alignedLandmarks.map((value, i) => value / (i % 2 === 0 ? image.width : image.height));
    const w = await encoder.encode({ look, landmarks });
    if (w.length !== encoder.wDim || !w.every(Number.isFinite)) {
      const given = `one that gave [${w.length}] numbers for driver frame ${index}`;
      throw invalidOption('encoder', given, `one that gives [${encoder.wDim}] finite numbers`);
    }
    return space.fromWs(Float32Array.from({ length: numWs * w.length }, (_, i) => w[i % w.length]!));
  };
  return (driver) => {
    const guess = known.get(driver) ?? ask(driver);
    known.set(driver, guess);
    return guess;
  };
}

/** `from`, and `share` of the way from `a` to `b`. */
function moved(from: Float32Array, a: Float32Array, b: Float32Array, share: number): Float32Array {
  return from.map((x, i) => x + share * (b[i]! - a[i]!));
}
