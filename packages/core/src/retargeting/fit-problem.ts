import type { Landmarks } from '../landmarks/measures';
import type { LandmarkModel } from './landmark-model';

/**
 * A least-squares fit of a landmark model to frames of one face:
 *
 * `Σ ρ(w |project(shape, pose) - point|² / noise²) + |identity|² + |own|² + expressionPrior |expression|² + |rotation|² / 0.5²`
 * `+ Σ smoothness |xₜ - 2 xₜ₋₁ + xₜ₋₂|²`,
 *
 * where ρ is the identity, or with `robust` Cauchy's `c² log(1 + e / c²)`. Lengths are in units near the distance of the
 * eyes, so that a scale of 1 is near the solution.
 */
export interface FitProblem {
  readonly model: LandmarkModel;
  /** Landmarks of each frame; those with a coordinate that is not finite are left out. */
  readonly points: readonly Landmarks[];
  /** Standard deviation of a coordinate. */
  readonly noise: number;
  /** Standard deviation of what is the face's own, for each coordinate of its shape; 0: the model's faces only. */
  readonly ownDeviation: number;
  /** Weight of the prior of expressions; 1 for the model's own. */
  readonly expressionPrior: number;
  /** Identity that is known; otherwise it is fitted. */
  readonly identity?: ArrayLike<number>;
  /** Whether single landmarks may be far off. */
  readonly robust: boolean;
}

/**
 * A point in the space of a {@link FitProblem}. A frame has, one after the other, its expression, rotation vector, logarithm
 * of the scale, and shift; shared are the identity and, where there is one, the own part in standard deviations.
 */
export interface FitState {
  readonly frames: Float64Array;
  readonly shared: Float64Array;
}

/** Parameters of a pose: rotation 3, scale 1, shift 2. */
export const poseLength = 6;

/** Where the parameters of a frame lie behind its expression. */
export const poseOffset = { rotation: 0, scale: 3, shift: 4 } as const;

/** Weight of each landmark: those of the jaw, 0 to 16, are marked least surely. */
export const landmarkWeight = (landmark: number): number => (landmark <= 16 ? 0.3 : 1);

/** Weights of squared second differences over time, in units of 1 / parameter². */
export const smoothness = { expression: 20, rotation: 3000, scale: 1, shift: 1 } as const;

/** Inverse variance of a rotation: heads look roughly at the camera. It matters where there are few landmarks. */
export const rotationPrior = 1 / 0.5 ** 2;

/** Inverse variance of the logarithm of the scale and of the shift: next to nothing, for frames without landmarks. */
export const placePrior = 1e-6;

/** How many standard deviations a landmark may be off before it counts as an outlier. */
export const outlierDeviations = 6;
