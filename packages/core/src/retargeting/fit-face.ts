import { checkOptions, numberFrom, type OptionChecks } from '@faceanim/tensor/options';
import type { Landmarks } from '../landmarks/measures';
import { type FitProblem, landmarkWeight } from './fit-problem';
import { type FrameFit, framesOf, initialState, startOf } from './frame-fit';
import type { LandmarkModel } from './landmark-model';
import { minimize } from './levenberg-marquardt';

/** A landmark model in one picture, and what is the face's own. */
export interface FaceFit extends FrameFit {
  /** Coefficients of the model's identity directions. */
  readonly identity: Float64Array;
  /** What the face differs from the model's faces by, `[68 * 3]` in eye distances, added to its shape. */
  readonly own: Float64Array;
}

/** Options of {@link fitFace}. */
export interface FitFaceOptions {
  /**
   * Standard deviation of a coordinate's noise in eye distances: that of a clip whose landmarks are from the same network
   * (`ClipFit.noise`) is the best guess. What the model leaves over beyond it is the face's own. Default 0.01.
   */
  noise?: number;
}

const checks: OptionChecks<FitFaceOptions> = { noise: numberFrom(0) };

/** The least noise that is reckoned with, and the least that faces differ from the model's by, in eye distances. */
const leastNoise = 0.007;
const leastOwn = 0.005;

/** A single picture tells expression and identity badly apart; a look is mostly at rest. */
const expressionPrior = 4;

/**
 * Fits a landmark model to one picture. What the model leaves over is partly noise and partly the face's own: its variance
 * beyond that of the noise says how much may be the face's own, and each landmark is moved by its posterior mean
 * (empirical Bayes). Only what is seen from the front can be so; depth stays the model's.
 *
 * @param landmarks in pixels; missing ones are NaN.
 * @throws FaceanimError `no-face` for fewer than 12 finite landmarks, `invalid-option` for anything else than 68.
 */
export function fitFace(model: LandmarkModel, landmarks: Landmarks, options: FitFaceOptions = {}): FaceFit {
  checkOptions('fitFace', options, checks);
  const noise = Math.max(leastNoise, options.noise ?? 0.01);
  const { unit, points, poses } = startOf(model, [landmarks]);
  const problem: FitProblem = { model, points, noise, ownDeviation: 0, expressionPrior, robust: false };
  const plain = minimize(problem, initialState(problem, poses));
  const [{ residual }] = framesOf(model, plain, plain.shared, undefined, [landmarks], unit) as [FrameFit];

  const ownDeviation = Math.sqrt(Math.max(leastOwn ** 2, leftOverVariance(residual) - noise ** 2));
  const withOwn = { ...problem, ownDeviation };
  const start = { frames: plain.frames, shared: initialState(withOwn, poses).shared };
  start.shared.set(plain.shared);
  const state = minimize(withOwn, start);
  const identity = state.shared.slice(0, model.identity.length);
  const own = state.shared.subarray(model.identity.length).map((value) => value * ownDeviation);
  const [frame] = framesOf(model, state, identity, own, [landmarks], unit) as [FrameFit];
  return { ...frame, identity, own };
}

/** Variance of a coordinate that the model leaves over, the jaw aside. */
function leftOverVariance(residual: Landmarks): number {
  const seen = residual.filter((value, i) => Number.isFinite(value) && landmarkWeight(i >> 1) === 1);
  const mean = seen.reduce((sum, value) => sum + value ** 2, 0) / Math.max(1, seen.length);
  // The coefficients have taken up about a quarter of it.
  return 1.3 * mean;
}
