import type { ProjectedFrame } from '@faceanim/core';
import type { Motion } from '../report/motion';
import type { Following } from './follow';

/** What `faceanim animate` wrote and measured; `--report` writes it, `--json` prints it. */
export interface AnimateReport {
  readonly out: string;
  /** Absent, like `lossCurve` and what is measured in pictures, if it failed; `failures` says why. */
  readonly contactSheet?: string;
  readonly lossCurve?: string;
  /** The page of `--report`. */
  readonly page?: string;
  readonly latents: string;
  readonly run: string;
  readonly backend: string;
  /** Version of the program. */
  readonly version: string;
  /** The command line of the run. */
  readonly command: string;
  /** The flags that decide the latents, without those that have their defaults. */
  readonly settings: Readonly<Record<string, string>>;
  /** Hashes of the input files by role, or `none`. */
  readonly contents: Readonly<Record<string, string>>;
  readonly driverFrames: number;
  readonly outputFrames: number;
  readonly fps: number;
  readonly seconds: number;
  readonly stepsTaken: number;
  /** Mean milliseconds of an optimisation step; absent if none was measured. */
  readonly msPerStep?: number;
  /** How well the result follows its target, as seen by the landmark network. */
  readonly following?: Following;
  /** How the faces move, frame by frame; the target's motion only if it is not the driver's. */
  readonly motion?: { readonly driver: Motion; readonly target?: Motion; readonly result: Motion };
  /** Mean of the jitter in `motion`; absent for shots of fewer than three frames. */
  readonly jitter?: { readonly driver?: number; readonly target?: number; readonly result?: number };
  /** Each loss term at the last step of a frame, averaged over the frames. */
  readonly losses: Readonly<Record<string, number>>;
  readonly frames: readonly {
    index: number;
    driverIndex: number;
    /** Index of the shot in the driver. */
    shot: number;
    /** False if no face was found in the driver's frame. */
    found: boolean;
    steps: number;
    /** Absent for frames of an earlier run. The first also reads and tracks the driver. */
    seconds?: number;
    losses: Readonly<Record<string, number>>;
  }[];
  /** What the user was warned of. */
  readonly warnings: readonly string[];
  /** What failed beside the animation, which is complete. */
  readonly failures: readonly string[];
}

/** Each loss term at the last step of a frame, averaged over the frames. */
export function meanLosses(frames: readonly Pick<ProjectedFrame, 'losses'>[]): Record<string, number> {
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
