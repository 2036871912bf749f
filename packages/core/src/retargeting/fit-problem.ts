import type { Landmarks } from '../landmarks/measures';
import type { LandmarkModel } from './landmark-model';

/**
 * A least-squares fit of a landmark model to frames of one face:
 *
 * `Σ ρ(w |project(shape, pose) - point|² / noise²) + |identity|² + |own|² + expressionPrior |expression|² + |rotation|² / 0.5²`
 * `+ Σ smoothness |xₜ - 2 xₜ₋₁ + xₜ₋₂|²`,
 *
 * where ρ is the identity, or with `robust` Cauchy's `c² log(1 + e / c²)`. Lengths are in units of about an eye
 * distance, so that the scale is about 1.
 */
export interface FitProblem {
  readonly model: LandmarkModel;
  /** Landmarks of each frame; those with a coordinate that is not finite are ignored. */
  readonly points: readonly Landmarks[];
  /** Standard deviation of a landmark coordinate. */
  readonly noise: number;
  /** Standard deviation of the individual deviation of the face from the model, per coordinate; 0: none. */
  readonly ownDeviation: number;
  /** Weight of the prior on expressions; 1 for that of the model. */
  readonly expressionPrior: number;
  /** Known identity. Default: fitted. */
  readonly identity?: ArrayLike<number>;
  /** Whether to expect outliers among the landmarks. */
  readonly robust: boolean;
}

/**
 * The parameters of a {@link FitProblem}. Each frame has its expression, rotation vector, logarithm of the scale, and shift, in
 * this order. Shared are the identity and, if there is one, the individual deviation, in standard deviations.
 */
export interface FitState {
  readonly frames: Float64Array;
  readonly shared: Float64Array;
}

/** Parameters of a pose: rotation 3, scale 1, shift 2. */
export const poseLength = 6;

/** Offsets of the pose parameters after the expression. */
export const poseOffset = { rotation: 0, scale: 3, shift: 4 } as const;

/** Weight of a landmark. Those of the jaw, 0 to 16, are the least certain. */
export const landmarkWeight = (landmark: number): number => (landmark <= 16 ? 0.3 : 1);

/** Weights of squared second differences over time, in units of 1 / parameter². */
export const smoothness = { expression: 20, rotation: 3000, scale: 1, shift: 1 } as const;

/** Inverse variance of a rotation: heads roughly face the camera. Matters for frames with few landmarks. */
export const rotationPrior = 1 / 0.5 ** 2;

/** Inverse variance of the logarithm of the scale and of the shift: tiny, for frames without landmarks. */
export const placePrior = 1e-6;

/** How many standard deviations a landmark may be off before it counts as an outlier. */
export const outlierDeviations = 6;
