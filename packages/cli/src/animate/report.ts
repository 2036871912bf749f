import type { SequenceFrame } from '@faceanim/core';
import type { Following } from './follow';

/** Paths that `animate` wrote, and what it measured. */
export interface AnimateReport {
  readonly out: string;
  /** Absent, like the two after it, where it could not be made; `failures` says why. */
  readonly contactSheet?: string;
  readonly lossCurve?: string;
  readonly latents: string;
  readonly run: string;
  readonly backend: string;
  readonly driverFrames: number;
  readonly outputFrames: number;
  readonly fps: number;
  readonly seconds: number;
  readonly stepsTaken: number;
  /** Mean milliseconds of a step, without what is done before, between and after steps; absent if none was measured. */
  readonly msPerStep?: number;
  /** How well the result follows the driver, as the landmark network sees both. */
  readonly following?: Following;
  /** Distance of the last frames to the look, where there is one: loss terms at the last step of each frame, averaged. */
  readonly losses: Readonly<Record<string, number>>;
  readonly frames: readonly {
    index: number;
    driverIndex: number;
    steps: number;
    losses: Readonly<Record<string, number>>;
  }[];
  /** What went wrong beside the animation, whose frames and latents are whole. */
  readonly failures: readonly string[];
}

/** Each loss term at the last step of each frame, averaged over frames. */
export function meanLosses(frames: readonly SequenceFrame[]): Record<string, number> {
  const sums: Record<string, { sum: number; count: number }> = {};
  for (const { losses } of frames) {
    for (const [name, value] of Object.entries(losses)) {
      const entry = (sums[name] ??= { sum: 0, count: 0 });
      entry.sum += value;
      entry.count++;
    }
  }
  return Object.fromEntries(Object.entries(sums).map(([name, { sum, count }]) => [name, sum / count]));
}
