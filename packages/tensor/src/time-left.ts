/** Estimates the remaining time of a long call from the mean time per unit of work. */
export interface TimeLeft {
  /** Starts the clock, on the first call only, when `done` units are already done. */
  start(done: number): void;
  /** Seconds until everything is done; undefined if unknown. */
  seconds(done: number): number | undefined;
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
    seconds: (done) => {
      if (!all || !start || done <= start.done) return undefined;
      const each = (performance.now() - start.at) / (done - start.done) / 1000;
      // There may be more work than expected.
      return Math.max(0, all - done) * each;
    },
  };
}
