import { eyeOpening, type Landmarks, mouthOpening } from '@faceanim/core/landmarks';
import { deviation, mean, pearson, slope } from '../report/series';

/** How well one measure follows the driver over time, in distances between the outer corners of the eyes. */
export interface Agreement {
  /** Means over time. */
  readonly driver: number;
  readonly result: number;
  /** Correlation with the driver, and slope of the result against it; absent where `unknown` says why. */
  readonly correlation?: number;
  readonly slope?: number;
  readonly unknown?: 'few frames' | 'driver at rest';
}

/** How well a result follows its driver. */
export interface Following {
  readonly mouth: Agreement;
  readonly eyes: Agreement;
}

/** With two frames, every correlation is 1 or -1. */
const leastFrames = 3;
/** Standard deviation below which the driver is at rest: a sixth of a pixel for eyes 80 pixels apart, finer than landmarks. */
const rest = 0.002;

/** Compares how mouth and eyes open over time: the driver's landmarks with those found in the result. */
export function follow(driver: readonly Landmarks[], result: readonly Landmarks[]): Following {
  const compare = (measure: (landmarks: Landmarks) => number) =>
    agreement(driver.map(measure), result.map(measure));
  return { mouth: compare(mouthOpening), eyes: compare(eyeOpening) };
}

/** Compares one series with the driver's. */
export function agreement(driver: readonly number[], result: readonly number[]): Agreement {
  const means = { driver: mean(driver), result: mean(result) };
  if (driver.length < leastFrames) return { ...means, unknown: 'few frames' };
  if (deviation(driver) < rest) return { ...means, unknown: 'driver at rest' };
  // A result that does not move does not follow.
  const correlation = deviation(result) > 1e-9 ? pearson(driver, result) : 0;
  return { ...means, correlation, slope: slope(driver, result) };
}
