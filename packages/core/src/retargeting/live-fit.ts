import { checkOptions, numberFrom, type OptionChecks, wholeNumberFrom } from '@faceanim/tensor/options';
import type { Landmarks } from '../landmarks/measures';
import { fittingClip } from './fit-clip';
import { checkLandmarks, type FrameFit } from './frame-fit';
import { planarPose } from './initial-poses';
import type { LandmarkModel } from './landmark-model';
import { atOnce } from './pieces';

/** Options of {@link liveFit}. */
export interface LiveFitOptions {
  /** Number of frames after which the identity is fixed. Default 25, a second. */
  warmUp?: number;
  /** Delay of the results in frames; a longer delay makes them steadier. Default 2, 80 ms at 25 frames per second. */
  lag?: number;
  /** Noise of the landmarks, as in `fitClip`. Default: measured during the warm-up, 0.01 before. */
  noise?: number;
}

const checks: OptionChecks<LiveFitOptions> = {
  warmUp: wholeNumberFrom(1),
  lag: wholeNumberFrom(0, 10),
  noise: numberFrom(0),
};

/** Number of frames that are fitted together, besides those of the lag. Older ones hardly matter. */
const windowLength = 6;

/** The least number of faces from which noise is measured. */
const fewestForNoise = 8;

/** A running fit of a landmark model to live frames; see {@link liveFit}. */
export interface LiveFit {
  /** Coefficients of the model's identity directions so far; undefined before the first face. */
  readonly identity: Float64Array | undefined;
  /**
   * Adds the landmarks of the next frame, in pixels; undefined if it shows no face.
   *
   * @returns the fit of the frame `lag` frames ago, or the last one if no face was seen for long; undefined before there is
   *   one.
   * @throws FaceanimError `invalid-option` unless there are 68 landmarks.
   */
  push(landmarks: Landmarks | undefined): FrameFit | undefined;
}

/**
 * Fits a landmark model to live frames: runs `fitClip` on a window of the last frames. The identity is refitted whenever
 * the number of frames has doubled, and fixed after the warm-up. The latency is `lag` frames (80 ms by default) plus a few
 * milliseconds of computation per frame.
 *
 * `retarget({ model, driver: { frames: [frame] }, look })` turns a result into a target.
 */
export function liveFit(model: LandmarkModel, options: LiveFitOptions = {}): LiveFit {
  checkOptions('liveFit', options, checks);
  const { warmUp = 25, lag = 2 } = options;
  /** The faces of the warm-up, and their fits so far. */
  let faces: Landmarks[] = [];
  let learnt: FrameFit[] = [];
  const window: (Landmarks | undefined)[] = [];
  let warm = false;
  let noise = options.noise ?? 0.01;
  let identity: Float64Array | undefined;
  /** The fits of the window before, from which the next one starts. */
  let fits: readonly FrameFit[] = [];
  let latest: FrameFit | undefined;

  function learn(face: Landmarks) {
    faces.push(face);
    warm = faces.length >= warmUp;
    if (!warm && !Number.isInteger(Math.log2(faces.length))) return;
    const from = identity && { frames: faces.map((_, i) => learnt[i] ?? learnt.at(-1)!), identity };
    const clip = atOnce(fittingClip(model, faces, { noise: options.noise, from }));
    identity = clip.identity;
    learnt = [...clip.frames];
    fits = window.includes(undefined) ? [] : learnt.slice(0, -1).slice(-window.length);
    if (faces.length >= fewestForNoise) noise = clip.noise;
    if (warm) [faces, learnt] = [[], []];
  }

  return {
    get identity() {
      return identity;
    },
    push(landmarks) {
      checkLandmarks(landmarks, 0);
      const face = landmarks && planarPose(model, landmarks) ? landmarks : undefined;
      if (face && !warm) learn(face);
      if (!identity) return undefined;
      window.push(face);
      if (window.length > windowLength + lag) window.shift();
      if (window.every((each) => each === undefined)) {
        fits = [];
        return latest;
      }
      const before = fits.slice(fits.length + 1 - window.length);
      const from = fits.length > 0 ? { frames: [...before, fits.at(-1)!], identity } : undefined;
      fits = atOnce(fittingClip(model, window, { identity, noise, from })).frames;
      if (face && !warm) learnt[faces.length - 1] = fits.at(-1)!;
      latest = fits[fits.length - 1 - lag];
      return latest;
    },
  };
}
