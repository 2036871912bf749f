import type { LiveFrame } from '@faceanim/core';
import { mean, quantile } from '../report/series';

/** How a live session went. */
export interface LiveSpeed {
  readonly pictures: number;
  readonly picturesPerSecond: number;
  /** Median milliseconds from a picture of the driver to its result. */
  readonly latencyMs: number;
  /** The same of the slowest twentieth. */
  readonly latencyP95Ms: number;
  /** Median milliseconds in which the face was found. */
  readonly trackMs: number;
  /** Mean number of steps of a picture. */
  readonly stepsPerPicture: number;
  readonly leastSteps: number;
  readonly mostSteps: number;
  /** Pictures that were not animated, since newer ones had come. */
  readonly dropped: number;
  readonly withoutFace: number;
}

/**
 * Sums up the results of a live session.
 *
 * @param ms how long it took.
 */
export function liveSpeed(results: readonly LiveFrame[], ms: number): LiveSpeed {
  const latencies = results.map(({ latencyMs }) => latencyMs);
  const steps = results.map((frame) => frame.steps);
  return {
    pictures: results.length,
    picturesPerSecond: (1000 * results.length) / ms,
    latencyMs: quantile(latencies, 0.5),
    latencyP95Ms: quantile(latencies, 0.95),
    trackMs: quantile(
      results.map(({ trackMs }) => trackMs),
      0.5,
    ),
    stepsPerPicture: mean(steps),
    leastSteps: Math.min(...steps),
    mostSteps: Math.max(...steps),
    dropped: results.reduce((sum, { dropped }) => sum + dropped, 0),
    withoutFace: results.filter(({ found }) => !found).length,
  };
}
