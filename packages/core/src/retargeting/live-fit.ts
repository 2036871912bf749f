import { checkOptions, numberFrom, type OptionChecks, wholeNumberFrom } from '@faceanim/tensor/options';
import type { Landmarks } from '../landmarks/measures';
import { fitClip } from './fit-clip';
import { checkLandmarks, type FrameFit } from './frame-fit';
import { planarPose } from './initial-poses';
import type { LandmarkModel } from './landmark-model';

/** Options of {@link liveFit}. */
export interface LiveFitOptions {
  /** Frames after which the identity is fixed: a second of them. Default 25. */
  warmUp?: number;
  /** Frames that a result is late: each one later is steadier. Default 2, 80 ms at 25 frames a second. */
  lag?: number;
  /** As in {@link fitClip}. Default: measured during the warm-up, 0.01 before. */
  noise?: number;
}

const checks: OptionChecks<LiveFitOptions> = {
  warmUp: wholeNumberFrom(1),
  lag: wholeNumberFrom(0, 10),
  noise: numberFrom(0),
};

/** Frames that are fitted together, those of the lag included; older ones hardly matter. */
const windowLength = 12;

/** Faces from which the noise is measured. */
const fewestForNoise = 8;

/** A fit of a clip that is still running. */
export interface LiveFit {
  /** Coefficients of the identity as known so far; undefined before the first face. */
  readonly identity: Float64Array | undefined;
  /**
   * Takes the landmarks of the next frame, in pixels; undefined where it shows no face.
   *
   * @returns the fit of the frame `lag` frames before this one, held where no face has been seen for long; undefined while
   *   there is none, and before the first face.
   * @throws FaceanimError `invalid-option` for anything else than 68 landmarks.
   */
  push(landmarks: Landmarks | undefined): FrameFit | undefined;
}

/**
 * Fits a landmark model to frames as they come: {@link fitClip} in a window over the last frames. The identity is fitted
 * again whenever twice as many frames are known, and fixed after the warm-up, by default a second. The latency is `lag`
 * frames (80 ms by default) and the computation, about 10 ms a frame.
 *
 * `retarget({ model, driver: { frames: [frame] }, look })` makes a target of a result.
 */
export function liveFit(model: LandmarkModel, options: LiveFitOptions = {}): LiveFit {
  checkOptions('liveFit', options, checks);
  const { warmUp = 25, lag = 2 } = options;
  /** The faces of the warm-up. */
  let faces: Landmarks[] = [];
  const window: (Landmarks | undefined)[] = [];
  let warm = false;
  let noise = options.noise ?? 0.01;
  let identity: Float64Array | undefined;
  let latest: FrameFit | undefined;

  function learn(face: Landmarks) {
    faces.push(face);
    warm = faces.length >= warmUp;
    if (!warm && !Number.isInteger(Math.log2(faces.length))) return;
    const clip = fitClip(model, faces, { noise: options.noise });
    identity = clip.identity;
    if (faces.length >= fewestForNoise) noise = clip.noise;
    if (warm) faces = [];
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
      if (window.length > windowLength) window.shift();
      if (window.some((each) => each !== undefined)) {
        const { frames } = fitClip(model, window, { identity, noise });
        latest = frames[frames.length - 1 - lag];
      }
      return latest;
    },
  };
}
