import { FaceanimError } from '@faceanim/tensor';

/** At which constant rate the frames of a source are read. */
export interface FrameClock {
  /** Frames a second. */
  readonly fps: number;
  /** Where frames come at irregular times: which frame is shown at tick k, k / fps seconds from the start. */
  readonly ticks?: readonly number[];
}

/** More ticks than any clip has frames: such times are damaged. */
const mostTicks = 1_000_000;

/**
 * The clock of frames that start at `times` (seconds, rising, from 0). Times that keep within half a frame of the rate
 * that the file tells, or of their mean, are a constant rate. Others are sampled at the rate that most frames have:
 * the mean of their intervals would be too slow where a frame is held for long.
 *
 * @param told the rate that the file tells; 0 where it tells none.
 * @param end when the last frame ends; by default it is shown as long as most others.
 * @throws FaceanimError `media` for times that cannot be those of a clip.
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
    throw new FaceanimError('media', 'The times of the frames are not those of a clip.', {
      hint: "Encode the clip anew, or read it with timing: 'source'.",
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

/** The mean of the intervals that are near their median, which times of whole milliseconds make inexact. */
function usualInterval(times: readonly number[], end: number | undefined): number {
  const ends = [...times.slice(1), ...(end === undefined ? [] : [end])];
  const intervals = ends.map((time, i) => time - times[i]!).filter((interval) => interval > 0);
  const median = intervals.toSorted((a, b) => a - b)[Math.floor(intervals.length / 2)]!;
  const near = intervals.filter((interval) => interval > 0.5 * median && interval < 1.5 * median);
  return near.reduce((sum, interval) => sum + interval, 0) / near.length;
}
