/** Decides how many steps of each frame fit into a time budget. */
export interface Pace {
  /** How many steps fit if `spentMs` of the budget are spent already. */
  steps(spentMs: number): number;
  /** Notes that the steps of a frame took `ms`, with what comes beside them. */
  note(steps: number, ms: number): void;
}

/** Options of {@link pace}. */
export interface PaceOptions {
  /** Time for a frame in ms. */
  readonly budgetMs: number;
  /** Time beside the steps, e.g. for reading a picture, in ms. */
  readonly besideMs: number;
  /** Time for drawing a picture, which frames with a single step do, in ms. */
  readonly drawMs: number;
  /** The most steps of a frame. */
  readonly most: number;
}

/** Weight of the newest frame in the mean time of a step. */
const newest = 0.25;

/** A pace that starts with one step, and then goes by the running mean of the time per step. */
export function pace({ budgetMs, besideMs, drawMs, most }: PaceOptions): Pace {
  let stepMs: number | undefined;
  return {
    steps(spentMs) {
      if (stepMs === undefined) return 1;
      const fitting = Math.floor((budgetMs - spentMs - besideMs) / Math.max(stepMs, 1e-3));
      return Math.min(most, Math.max(1, fitting));
    },
    note(steps, ms) {
      const each = Math.max(0, ms - besideMs - (steps === 1 ? drawMs : 0)) / steps;
      stepMs = stepMs === undefined ? each : stepMs + newest * (each - stepMs);
    },
  };
}
