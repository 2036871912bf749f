/** How far a long call is, as progress events have it; without what is not known. */
export interface Progress {
  /** Share of the work that is done, 0..1. */
  readonly fraction?: number;
  /** Seconds until all is done, by the mean time of a unit of work. */
  readonly etaSeconds?: number;
}

/** Estimates the remaining time of a long call. */
export interface TimeLeft {
  /** Starts the clock, on the first call only, when `done` units of work are already done. */
  start(done: number): void;
  /** The progress when `done` units are done. */
  at(done: number): Progress;
}

/**
 * Estimates remaining time; see {@link TimeLeft}.
 *
 * @param all total units of work, or undefined if unknown
 */
export function timeLeft(all: number | undefined): TimeLeft {
  let start: { at: number; done: number } | undefined;
  return {
    start: (done) => {
      start ??= { at: performance.now(), done };
    },
    at: (done) => {
      if (!all) return {};
      // There may be more work than expected.
      const fraction = Math.min(1, done / all);
      if (!start || done <= start.done) return { fraction };
      const each = (performance.now() - start.at) / (done - start.done) / 1000;
      return { fraction, etaSeconds: Math.max(0, all - done) * each };
    },
  };
}
