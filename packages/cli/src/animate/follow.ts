import { followed, type Motion } from '../report/motion';
import { deviation, mean, pearson, slope } from '../report/series';

/** How well one measure follows its target over time, in distances between the outer corners of the eyes or degrees. */
export interface Agreement {
  /** Means over time. */
  readonly target: number;
  readonly result: number;
  /** Correlation with the target, and slope of the result against it; absent where `unknown` says why. */
  readonly correlation?: number;
  readonly slope?: number;
  readonly unknown?: 'few frames' | 'target at rest';
}

/** How well a result follows its target. */
export type Following = Readonly<Record<(typeof followed)[number], Agreement>>;

/** With two frames, every correlation is 1 or -1. */
const leastFrames = 3;
/**
 * Standard deviation below which a target is at rest: of lengths a sixth of a pixel for eyes 80 pixels apart, finer than
 * landmarks; of angles a fifth of a degree.
 */
const rest = { length: 0.002, degrees: 0.2 };

/** Compares how a face moves over time with how it should move. */
export function follow(target: Motion, result: Motion): Following {
  return Object.fromEntries(
    followed.map((curve) => [
      curve,
      agreement(target[curve], result[curve], curve === 'yaw' ? rest.degrees : rest.length),
    ]),
  ) as Following;
}

/** Compares one series with its target. */
export function agreement(
  target: readonly number[],
  result: readonly number[],
  atRest = rest.length,
): Agreement {
  const means = { target: mean(target), result: mean(result) };
  if (target.length < leastFrames) return { ...means, unknown: 'few frames' };
  if (deviation(target) < atRest) return { ...means, unknown: 'target at rest' };
  // A result that does not move does not follow.
  const correlation = deviation(result) > 1e-9 ? pearson(target, result) : 0;
  return { ...means, correlation, slope: slope(target, result) };
}
