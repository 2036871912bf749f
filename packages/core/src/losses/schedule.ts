/** Where in a run a {@link ScalarOrSchedule} is asked for its number. */
export interface SchedulePosition {
  /** Step within the frame, from 0. */
  step: number;
  /** Most steps of the frame. */
  steps: number;
  /** `step / steps`, 0..1. */
  progress: number;
  /** Index of the frame, from 0. */
  frame: number;
  /** Whether frames start at the guesses of an encoder. */
  encoded: boolean;
}

/** A number, or a function of the step that gives one. */
export type ScalarOrSchedule = number | ((at: SchedulePosition) => number);
