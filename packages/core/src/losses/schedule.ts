/** The position in a run at which a {@link ScalarOrSchedule} is evaluated. */
export interface SchedulePosition {
  /** Step within the frame, from 0. */
  step: number;
  /** The most steps of the frame. */
  steps: number;
  /** `step / steps`, 0..1. */
  progress: number;
  /** Index of the frame in its shot, from 0: each shot starts anew. */
  frame: number;
  /** Whether frame 0 starts at the projected look or at an encoder's guess, and not at the mean latent ŵ. */
  encoded: boolean;
}

/** A number, or a function that returns one for each step. */
export type ScalarOrSchedule = number | ((at: SchedulePosition) => number);
