import { type AudioOptions, openVideo, type Video } from '@faceanim/media';
import { invalidOption } from '@faceanim/tensor';
import { checkRate } from '../flags/check-rate';
import type { AnimateOptions } from './options';
import { type DriverClock, type LatentClock, outputFps } from './timing';

/** The flags that say which part of the driver is used, and how it is shown. */
type DriverFlags = Pick<
  AnimateOptions,
  'driver' | 'start' | 'every' | 'limit' | 'neutral' | 'subframes' | 'fps' | 'audio'
>;

/** The part of the driver that is used, and its speed. */
export interface DriverPlan {
  readonly driver: Video;
  /** Number of driver frames that are optimised, if the driver says. */
  readonly frames: number | undefined;
  /** The most driver frames to read, with those that `--every` leaves out. */
  readonly read: number | undefined;
  /** Number of driver frames that will be read, if the driver says. */
  readonly length: number | undefined;
  /** When latents are shown. */
  readonly clock: LatentClock;
  /** When driver frames are shown. */
  readonly driverClock: DriverClock;
  /** When the first one used is shown, in seconds from the start of the driver. */
  readonly startsAt: number;
  /** The driver, if it has sound that is wanted. */
  readonly audio: AudioOptions | undefined;
  /** Output frames per second, on average if they come at irregular times. */
  readonly fps: number;
}

/**
 * Opens the driver, and checks the flags that choose a part of it.
 *
 * @throws {FaceanimError} `invalid-option` naming the flag; as `openVideo`.
 */
export async function planDriver(options: DriverFlags, signal?: AbortSignal): Promise<DriverPlan> {
  const { every = 1, limit, start = 0 } = options;
  const driver = await openVideo(options.driver, { signal });
  const { info } = driver;
  const all = info.times?.length ?? info.frames;
  const after = all === undefined ? undefined : all - start;
  const available = after === undefined ? undefined : Math.ceil(after / every);
  if (available !== undefined && available < 1) {
    const expected = `less than ${all}, the number of frames of ${options.driver}`;
    throw invalidOption('--start', start, expected);
  }
  const frames = available === undefined ? limit : Math.min(available, limit ?? available);
  const read = limit && (limit - 1) * every + 1;
  const length = after && Math.min(after, read ?? after);
  checkNeutral(
    options.neutral,
    start,
    Math.min(all ?? Number.POSITIVE_INFINITY, start + (read ?? Number.POSITIVE_INFINITY)) - 1,
  );
  const startsAt = info.times ? info.times[start]! : start / info.fps;
  const latentFps = info.fps / every;
  const used = info.times?.slice(start).map((time) => time - startsAt);
  const times = used?.filter((_, i) => i % every === 0).slice(0, frames);
  const clock: LatentClock = { count: frames, fps: times ? meanRate(times, latentFps) : latentFps, times };
  const fps = outputFps(clock, options);
  checkRate(fps, options);
  const audio =
    info.sound && options.audio !== false ? { source: options.driver, start: startsAt } : undefined;
  const driverClock = { fps: info.fps, first: start, times: used };
  return { driver, frames, read, length, clock, driverClock, startsAt, audio, fps };
}

/** Frames a second on average; `usual` for a single frame. */
function meanRate(times: readonly number[], usual: number): number {
  return times.length > 1 ? (times.length - 1) / times.at(-1)! : usual;
}

/** @param last index of the last frame that is read; Infinity if it is unknown. */
function checkNeutral(neutral: number | undefined, start: number, last: number): void {
  if (neutral === undefined || (neutral >= start && neutral <= last)) return;
  const to = Number.isFinite(last) ? ` to ${last}` : '';
  throw invalidOption('--neutral', neutral, `the index of a driver frame that is used, from ${start}${to}`);
}
