import type { ProjectedFrame } from '@faceanim/core';
import type { Following } from './follow';

/** What `faceanim animate` wrote and measured; `--json` writes it. */
export interface AnimateReport {
  readonly out: string;
  /** Absent, like `lossCurve` and `following`, if it failed; `failures` says why. */
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
  /** Mean milliseconds of an optimisation step; absent if none was measured. */
  readonly msPerStep?: number;
  /** How well the result follows the driver, as seen by the landmark network. */
  readonly following?: Following;
  /** Each loss term at the last step of a frame, averaged over the frames. */
  readonly losses: Readonly<Record<string, number>>;
  readonly frames: readonly {
    index: number;
    driverIndex: number;
    steps: number;
    losses: Readonly<Record<string, number>>;
  }[];
  /** What failed beside the animation, which is complete. */
  readonly failures: readonly string[];
}

/** Each loss term at the last step of a frame, averaged over the frames. */
export function meanLosses(frames: readonly ProjectedFrame[]): Record<string, number> {
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
