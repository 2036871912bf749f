import type { TargetedFrame } from '../contracts/motion-target';
import type { FinishedFrames, SequenceRun } from './run';

/**
 * Coordinates `[count, layers, dimensions]` at which the driver frames start.
 *
 * - With an encoder: in the first frame of a shot its guess, or the projected look plus the difference of its guesses for the
 *   frame and the look; later the last coordinates plus the difference of its guesses for this and the last driver frame.
 * - Without: in the first frame of a shot the projected look or ŵ; later the last coordinates, extrapolated along the motion of
 *   the last two frames as far as the optimizer asks for.
 * - The first frame of a shot starts at `initial` if it is given.
 */
export async function startOf(
  run: SequenceRun,
  drivers: readonly TargetedFrame[],
  { last, beforeLast, driver }: FinishedFrames,
): Promise<Float32Array> {
  const { options, settings, space, guess, from } = run;
  const { initial } = options;
  const { extrapolation = 0 } = settings.optimizer;
  const before = guess && driver && (await guess(driver));
  const starts = await Promise.all(
    drivers.map(async (frame) => {
      if (!last && initial) return space.fromWs(initial.data);
      if (!last && from) {
        const { coordinates, frame: look } = from;
        return guess ? moved(coordinates, await guess(look), await guess(frame), 1) : coordinates;
      }
      if (!last) return (await guess?.(frame)) ?? space.origin;
      if (guess && before) return moved(last.coordinates, before, await guess(frame), 1);
      if (!beforeLast) return last.coordinates;
      return moved(last.coordinates, beforeLast.coordinates, last.coordinates, extrapolation);
    }),
  );
  const size = space.origin.length;
  const all = new Float32Array(drivers.length * size);
  for (const [i, start] of starts.entries()) all.set(start, i * size);
  return all;
}

/** `from + share · (b - a)`. */
function moved(from: Float32Array, a: Float32Array, b: Float32Array, share: number): Float32Array {
  return from.map((x, i) => x + share * (b[i]! - a[i]!));
}
