import { checkOptions, numberFrom, type OptionChecks, wholeNumberFrom } from '@faceanim/tensor/options';
import type { Landmarks } from '../landmarks/measures';
import { type ClipFit, type FrameFit, fitClip } from './fit-clip';
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

/** A fit of a clip that is still running. */
export interface LiveFit {
  /** Coefficients of the identity as known so far; undefined before the first face. */
  readonly identity: Float64Array | undefined;
  /**
   * Takes the landmarks of the next frame, in pixels; undefined where it shows no face.
   *
   * @returns the fit of the frame `lag` frames before this one, held where no face has been seen for long; undefined while
   *   there is none, and before the first face.
   */
  push(landmarks: Landmarks | undefined): FrameFit | undefined;
}

/**
 * Fits a landmark model to frames as they come: {@link fitClip} in a window over the last frames. The identity is fitted
 * again whenever twice as many frames are known, and fixed after the warm-up, by default a second. The latency is `lag`
 * frames (80 ms by default) and the computation, some milliseconds a frame.
 *
 * `retarget({ model, driver: { frames: [frame] }, look })` makes a target of a result.
 */
export function liveFit(model: LandmarkModel, options: LiveFitOptions = {}): LiveFit {
  checkOptions('liveFit', options, checks);
  const { warmUp = 25, lag = 2 } = options;
  const seen: (Landmarks | undefined)[] = [];
  let noise = options.noise ?? 0.01;
  let faces = 0;
  let identity: Float64Array | undefined;
  let latest: FrameFit | undefined;

  const learn = () => {
    const clip: ClipFit = fitClip(model, seen, { noise: options.noise });
    identity = clip.identity;
    if (faces >= Math.min(8, warmUp)) noise = options.noise ?? clip.noise;
  };
  return {
    get identity() {
      return identity;
    },
    push(landmarks) {
      seen.push(landmarks);
      if (landmarks && planarPose(model, landmarks)) faces++;
      else if (faces === 0) return undefined;
      if (faces <= warmUp && (Number.isInteger(Math.log2(faces)) || faces === warmUp)) learn();
      else if (faces > warmUp && seen.length > windowLength) seen.splice(0, seen.length - windowLength);
      const window = seen.slice(-windowLength);
      if (window.some((frame) => frame && planarPose(model, frame))) {
        const { frames } = fitClip(model, window, { identity, noise });
        latest = frames[frames.length - 1 - lag];
      }
      return latest;
    },
  };
}
