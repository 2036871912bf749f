/** Estimates the time that is left of a long call, from the mean time of what was done since a start. */
export interface TimeLeft {
  /** Begins to count, the first time it is called: `done` of all is done already. */
  start(done: number): void;
  /** Seconds until all is done; undefined as long as that is not known. */
  seconds(done: number): number | undefined;
}

/**
 * A clock for {@link TimeLeft}, which counts from the first call of `start`.
 *
 * @param all how much there is to do, in the unit of `done`; undefined where that is not known.
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
      // There may turn out to be more than was thought.
      return Math.max(0, all - done) * each;
    },
  };
}
