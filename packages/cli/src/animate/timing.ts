import type { InterpolationMethod } from '@faceanim/core';

/** When latents are shown: at a constant rate, or at times of their own. */
export interface LatentClock {
  /** Number of latents, if it is known. */
  readonly count: number | undefined;
  /** Latents a second, on average if they come at irregular times. */
  readonly fps: number;
  /** For irregular times: when each starts, in seconds from the first. */
  readonly times?: readonly number[] | undefined;
}

/** When driver frames are shown. */
export interface DriverClock {
  /** Frames a second. */
  readonly fps: number;
  /** Index of the first one that is used. */
  readonly first: number;
  /** For irregular times: when it and those after it are shown, in seconds from it. */
  readonly times?: readonly number[] | undefined;
}

/** When a driver frame is shown, in seconds from the first one that is used. */
export function driverTime({ fps, first, times }: DriverClock, index: number): number {
  return times ? times[index - first]! : (index - first) / fps;
}

/** Times of frames, unless they come at a constant rate: frames without a face may have been left out. */
export function irregularTimes(times: readonly number[], fps: number): readonly number[] | undefined {
  return times.every((time, k) => Math.abs(time - k / fps) < tolerance) ? undefined : times;
}

/** How often images are drawn: some for each latent, or so many a second. */
export interface OutputRate {
  readonly subframes?: number | undefined;
  readonly fps?: number | undefined;
}

/** A moment at which an image is drawn. */
export interface Moment {
  /** Seconds from the first latent. */
  readonly time: number;
  /** Whether it is a frame of the animation. Others only show how well a latent follows its driver frame. */
  readonly shown: boolean;
}

export const defaultSubframes = 2;

/** Latents a second from which neighbours show nearly the same, so that averaging them takes jitter away and hardly any motion. */
const steadyFps = 20;

/** How latents are interpolated unless a flag says so. */
export function defaultInterpolation(fps: number | undefined): InterpolationMethod {
  return fps !== undefined && fps >= steadyFps ? 'b-spline' : 'linear';
}

/** More than the error of times in seconds, and less than any frame lasts. */
const tolerance = 1e-6;

/** When latent `k` starts, in seconds. */
export function latentTime({ fps, times }: LatentClock, k: number): number {
  return times ? times[k]! : k / fps;
}

/** All moments at which images are drawn, in order. They end only if the number of latents is known. */
export function* moments(clock: LatentClock, rate: OutputRate): Generator<Moment> {
  const { subframes = defaultSubframes, fps } = rate;
  const { count = Number.POSITIVE_INFINITY } = clock;
  let tick = 0;
  for (let k = 0; k < count; k++) {
    const time = latentTime(clock, k);
    if (fps === undefined) {
      yield { time, shown: true };
      const step = k + 1 < count ? (latentTime(clock, k + 1) - time) / subframes : 0;
      for (let i = 1; i < subframes && step > 0; i++) yield { time: time + i * step, shown: true };
      continue;
    }
    for (; tick / fps < time - tolerance; tick++) yield { time: tick / fps, shown: true };
    const shown = tick / fps <= time + tolerance;
    if (shown) tick++;
    yield { time, shown };
  }
}

/** Their times alone. */
export function* timesOf(all: Iterable<Moment>): Generator<number> {
  for (const { time } of all) yield time;
}

/** Output frames a second, on average if they come at irregular times. */
export function outputFps({ fps }: LatentClock, rate: OutputRate): number {
  return rate.fps ?? fps * (rate.subframes ?? defaultSubframes);
}

/** What `writeVideo` must know about the times of the animation's frames. */
export function videoRate(clock: LatentClock, rate: OutputRate): { fps: number } | { times: number[] } {
  if (!clock.times || rate.fps !== undefined) return { fps: outputFps(clock, rate) };
  return { times: [...timesOf(moments(clock, rate))] };
}
