import { invalidOption, throwIfAborted } from '@faceanim/tensor';
import {
  accepting,
  anAbortSignal,
  checkOptions,
  numberFrom,
  type OptionChecks,
} from '@faceanim/tensor/options';
import type { Landmarks } from '../landmarks/measures';
import type { FitProblem } from './fit-problem';
import { type FrameFit, framesOf, initialState, startOf, stateOf } from './frame-fit';
import type { LandmarkModel } from './landmark-model';
import { landmarkNoise } from './landmark-noise';
import { minimize } from './levenberg-marquardt';
import { type Pieces, withPauses } from './pieces';

/** The fit of a landmark model to all frames of a clip. */
export interface ClipFit {
  /** Coefficients of the model's identity directions, the same in all frames. */
  readonly identity: Float64Array;
  readonly frames: readonly FrameFit[];
  /** Measured noise of the landmarks, as standard deviation of a coordinate in eye distances; 0 if unknown. */
  readonly noise: number;
}

/** Options of {@link fitClip}. */
export interface FitClipOptions {
  /** Known identity, e.g. from another clip of the same person. Default: fitted. */
  identity?: Float64Array;
  /**
   * Noise of the landmarks, as standard deviation of a coordinate in eye distances. More noise makes expressions smoother and
   * smaller. Default: measured from the clip; 0 for fewer than three frames.
   */
  noise?: number;
  /** Aborts the fit. */
  signal?: AbortSignal;
}

const checks: OptionChecks<FitClipOptions> = {
  identity: accepting('coefficients of identity directions', (value) => value instanceof Float64Array),
  noise: numberFrom(0),
  signal: anAbortSignal,
};

/** Error of the model itself, as standard deviation in eye distances. */
const modelError = 0.007;

/**
 * Fits a landmark model to a clip: one identity, and expression and pose of each frame. All frames are fitted together by the
 * Gauss-Newton method, with unit priors on the coefficients and a penalty on second differences over time, so the result is
 * smooth without lag (see `FitProblem` for the formula). Outliers among the landmarks have little influence.
 *
 * Takes about 3 ms per frame on one core, with pauses in which other work can run. Fit each shot separately: a cut is not a
 * motion. The smoothness penalty was tuned at 25 frames per second.
 *
 * @param frames landmarks in pixels. Missing ones are NaN. A frame without a face is undefined, or has fewer than 12
 *   landmarks; its fit is interpolated.
 * @throws FaceanimError `no-face` if no frame shows a face; `invalid-option` unless there are 68 landmarks; `aborted`.
 */
export async function fitClip(
  model: LandmarkModel,
  frames: readonly (Landmarks | undefined)[],
  options: FitClipOptions = {},
): Promise<ClipFit> {
  checkOptions('fitClip', options, checks);
  const { signal, ...known } = options;
  throwIfAborted(signal);
  return withPauses(fittingClip(model, frames, known), signal);
}

/** Options of {@link fittingClip}. */
interface FittingOptions extends Omit<FitClipOptions, 'signal'> {
  /** Fits of the frames that are close already, to start from, and the identity that they have. */
  readonly from?: { readonly frames: readonly FrameFit[]; readonly identity: Float64Array };
}

/** {@link fitClip} in pieces. */
export function* fittingClip(
  model: LandmarkModel,
  frames: readonly (Landmarks | undefined)[],
  options: FittingOptions,
): Pieces<ClipFit> {
  const { unit, points, poses } = startOf(model, frames);
  const { identity, from } = options;
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
  const start = from
    ? stateOf(from.frames, unit, identity ? undefined : from.identity)
    : yield* minimize(problem, initialState(problem, poses));
  const state = yield* minimize({ ...problem, robust: true }, start);
  const fitted = identity?.slice() ?? state.shared;
  return { identity: fitted, frames: framesOf(model, state, fitted, undefined, frames, unit), noise };
}
