import { checkOptions, numberFrom, type OptionChecks } from '@faceanim/tensor/options';
import type { Landmarks } from '../landmarks/measures';
import { type FitProblem, landmarkWeight } from './fit-problem';
import { type FrameFit, framesOf, initialState, startOf } from './frame-fit';
import type { LandmarkModel } from './landmark-model';
import { minimize } from './levenberg-marquardt';
import { atOnce } from './pieces';

/** The fit of a landmark model to one picture, with the face's individual deviation from the model. */
export interface FaceFit extends FrameFit {
  /** Coefficients of the model's identity directions. */
  readonly identity: Float64Array;
  /** Individual deviation of the face from the model, `[68 * 3]` in eye distances. */
  readonly own: Float64Array;
}

/** Options of {@link fitFace}. */
export interface FitFaceOptions {
  /**
   * Noise of the landmarks, as standard deviation of a coordinate in eye distances. Residuals beyond it count as individual
   * deviation. The noise of a clip tracked by the same network (`ClipFit.noise`) is the best estimate. Default 0.01.
   */
  noise?: number;
}

const checks: OptionChecks<FitFaceOptions> = { noise: numberFrom(0) };

/** Lower bounds of the noise and of the individual deviation, in eye distances. */
const leastNoise = 0.007;
const leastOwn = 0.005;

/** In a single picture, expression and identity are hard to separate; a look is usually at rest. */
const expressionPrior = 4;

/**
 * Fits a landmark model to one picture. Residuals are partly noise and partly individual: the variance beyond that of the
 * noise is attributed to the face, and each landmark is moved by its posterior mean (empirical Bayes). Depth always comes
 * from the model.
 *
 * @param landmarks in pixels; missing ones are NaN.
 * @throws FaceanimError `no-face` for fewer than 12 finite landmarks; `invalid-option` unless there are 68.
 */
export function fitFace(model: LandmarkModel, landmarks: Landmarks, options: FitFaceOptions = {}): FaceFit {
  checkOptions('fitFace', options, checks);
  const noise = Math.max(leastNoise, options.noise ?? 0.01);
  const { unit, points, poses } = startOf(model, [landmarks]);
  const problem: FitProblem = { model, points, noise, ownDeviation: 0, expressionPrior, robust: false };
  const plain = atOnce(minimize(problem, initialState(problem, poses)));
  const [{ residual }] = framesOf(model, plain, plain.shared, undefined, [landmarks], unit) as [FrameFit];

  const ownDeviation = Math.sqrt(Math.max(leastOwn ** 2, leftOverVariance(residual) - noise ** 2));
  const withOwn = { ...problem, ownDeviation };
  const start = { frames: plain.frames, shared: initialState(withOwn, poses).shared };
  start.shared.set(plain.shared);
  const state = atOnce(minimize(withOwn, start));
  const identity = state.shared.slice(0, model.identity.length);
  const own = state.shared.subarray(model.identity.length).map((value) => value * ownDeviation);
  const [frame] = framesOf(model, state, identity, own, [landmarks], unit) as [FrameFit];
  return { ...frame, identity, own };
}

/** Variance of the residuals per coordinate, without the jaw. */
function leftOverVariance(residual: Landmarks): number {
  const seen = residual.filter((value, i) => Number.isFinite(value) && landmarkWeight(i >> 1) === 1);
  const mean = seen.reduce((sum, value) => sum + value ** 2, 0) / Math.max(1, seen.length);
  // The coefficients have absorbed about a quarter of it.
  return 1.3 * mean;
}
