import { invalidOption } from '@faceanim/tensor';
import { accepting, checkOptions, numberFrom, type OptionChecks } from '@faceanim/tensor/options';
import type { Landmarks } from '../landmarks/measures';
import type { FitProblem } from './fit-problem';
import { type FrameFit, framesOf, initialState, startOf } from './frame-fit';
import type { LandmarkModel } from './landmark-model';
import { landmarkNoise } from './landmark-noise';
import { minimize } from './levenberg-marquardt';

/** A landmark model in all frames of a clip. */
export interface ClipFit {
  /** Coefficients of the model's identity directions, the same in all frames. */
  readonly identity: Float64Array;
  readonly frames: readonly FrameFit[];
  /** Noise of the landmarks as it was measured: standard deviation of a coordinate in eye distances; 0 if unknown. */
  readonly noise: number;
}

/** Options of {@link fitClip}. */
export interface FitClipOptions {
  /** Identity that is known, e.g. from another clip of the same person, and is not fitted. */
  identity?: Float64Array;
  /**
   * Standard deviation of a coordinate's noise in eye distances. More noise gives smoother and smaller expressions.
   * Default: measured from the clip; 0 for fewer than three frames.
   */
  noise?: number;
}

const checks: OptionChecks<FitClipOptions> = {
  identity: accepting('coefficients of identity directions', (value) => value instanceof Float64Array),
  noise: numberFrom(0),
};

/** How far the model itself is off, as a standard deviation in eye distances. */
const modelError = 0.007;

/**
 * Fits a landmark model to a clip: one identity, and for each frame expression and pose. All frames are fitted together by
 * Gauss and Newton's method, with unit priors on the coefficients and a penalty on second differences over time, so that
 * the result is smooth without lag (`FitProblem` has the formula). Single landmarks that are far off count little.
 *
 * The time grows with the number of frames: about 3 ms each on one core. Fit each shot by itself: a cut is no motion. The
 * penalty on second differences was measured at 25 frames a second.
 *
 * @param frames landmarks in pixels. Missing ones are NaN; a frame without a face is undefined, or has fewer than 12
 *   landmarks, and gets its values from its neighbours.
 * @throws FaceanimError `no-face` if no frame shows a face; `invalid-option` for anything else than 68 landmarks.
 */
export function fitClip(
  model: LandmarkModel,
  frames: readonly (Landmarks | undefined)[],
  options: FitClipOptions = {},
): ClipFit {
  checkOptions('fitClip', options, checks);
  const { unit, points, poses } = startOf(model, frames);
  const { identity } = options;
  if (identity && identity.length !== model.identity.length) {
    throw invalidOption('identity', identity.length, `${model.identity.length} coefficients`);
  }
  const noise = options.noise ?? landmarkNoise(points, poses);
  const problem: FitProblem = {
    model,
    points,
    noise: Math.hypot(noise, modelError),
    ownDeviation: 0,
    expressionPrior: 1,
    identity,
    robust: false,
  };
  const start = initialState(problem, poses);
  const state = minimize({ ...problem, robust: true }, minimize(problem, start));
  const fitted = identity?.slice() ?? state.shared;
  return { identity: fitted, frames: framesOf(model, state, fitted, undefined, frames, unit), noise };
}
