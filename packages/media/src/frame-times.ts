import { FaceanimError } from '@faceanim/tensor/errors';

/** The constant rate at which a source is read. */
export interface FrameClock {
  /** Frames a second. */
  readonly fps: number;
  /** For frames at irregular times: which one is shown at tick k, `k / fps` seconds from the start. */
  readonly ticks?: readonly number[];
}

/** More than any clip has: such times are damaged. */
const mostTicks = 1_000_000;

/**
 * The clock of frames that start at `times` (seconds, rising, from 0). Times within half a frame of the rate that the file
 * states, or of their mean rate, count as constant. Others are sampled at the rate of most frames: the mean would be too
 * slow if a frame is held for long.
 *
 * @param told the rate that the file states; 0 if it states none.
 * @param end when the last frame ends; by default it is shown as long as most others.
 * @throws FaceanimError `media` for times that no clip has
 */
export function frameClock(times: readonly number[], told: number, end?: number): FrameClock {
  const last = times.at(-1) ?? 0;
  if (times.length < 2 || last <= 0) return { fps: told > 0 ? told : end ? 1 / end : 25 };
  const mean = end === undefined ? (times.length - 1) / last : times.length / end;
  for (const fps of [told, mean]) {
    if (fps > 0 && isConstant(times, fps, end)) return { fps };
  }
  const fps = 1 / usualInterval(times, end);
  const count = Math.max(1, Math.round((end ?? last + 1 / fps) * fps));
  if (!(count <= mostTicks)) {
    throw new FaceanimError('media', 'No clip has frames at such times.', {
      hint: "Re-encode the clip, or read it with timing: 'source'.",
    });
  }
  const ticks: number[] = [];
  for (let tick = 0, shown = 0; tick < count; tick++) {
    while (shown + 1 < times.length && times[shown + 1]! * fps <= tick + 0.5) shown++;
    ticks.push(shown);
  }
  return { fps, ticks };
}

function isConstant(times: readonly number[], fps: number, end: number | undefined): boolean {
  const all = end === undefined ? times : [...times, end];
  return all.every((time, i) => Math.abs(time * fps - i) <= 0.5);
}

/** The mean of the intervals near the median. The median alone would be inexact, as times are often whole milliseconds. */
function usualInterval(times: readonly number[], end: number | undefined): number {
  const ends = [...times.slice(1), ...(end === undefined ? [] : [end])];
  const intervals = ends.map((time, i) => time - times[i]!).filter((interval) => interval > 0);
  const median = intervals.toSorted((a, b) => a - b)[Math.floor(intervals.length / 2)]!;
  const near = intervals.filter((interval) => interval > 0.5 * median && interval < 1.5 * median);
  return near.reduce((sum, interval) => sum + interval, 0) / near.length;
}
