import { type Backend, FaceanimError } from '@faceanim/tensor';
import {
  accepting,
  aFunction,
  anAbortSignal,
  backendCheck,
  bagOf,
  either,
  finiteNumber,
  numberFrom,
  type OptionCheck,
  type OptionChecks,
  oneOf,
  positiveNumber,
  wholeNumberFrom,
} from '@faceanim/tensor/options';
import type { LandmarkNet } from '../contracts/landmark-net';
import type { OnProgress } from '../contracts/progress';
import type { Rect } from '../images/quad';
import { landmarkNetCheck } from '../options';
import type { FaceLocator } from './locate';
import type { OneEuroOptions } from './one-euro';

/**
 * How driver frames are cropped: each by its own FFHQ quad (`frame`), all by the FFHQ quad of the first frame (`first`), to
 * the largest centred square (`none`), or to a rectangle in pixels (stretched if it is not square).
 */
export type Alignment = 'frame' | 'first' | 'none' | Rect;

/**
 * Which face is meant if there are several: the largest, one by its position from left to right (from 0), or the one
 * nearest to a point in pixels.
 */
export type FaceChoice = 'largest' | number | { readonly x: number; readonly y: number };

/**
 * What happens to frames without a face: the face of a frame nearby is held (`hold`), they are left out (`skip`), or
 * tracking ends with an error (`error`).
 */
export type MissingFace = 'hold' | 'skip' | 'error';

/** Options of {@link locateFace}. A pack of networks can be spread into them. */
export interface LocateFaceOptions {
  /** A landmark network with the 68 iBUG landmarks. */
  readonly landmarkNet: LandmarkNet;
  /** Finds the faces of a picture. Default `scanForFaces`, a search with the landmark network. */
  readonly locate?: FaceLocator;
  /** Which face is taken if there are several. Default `largest`. */
  readonly face?: FaceChoice;
  /** The lowest mean heat-map peak that counts as a face; 0 accepts anything. Default 0.5. */
  readonly minScore?: number;
  /** The backend to run on; it is activated before every frame. Default: the active backend. */
  readonly backend?: Backend;
  readonly signal?: AbortSignal | undefined;
  /** Receives the share of the search that is done (`stage: 'locate'`); with `locate`, if that tells. */
  readonly onProgress?: OnProgress;
  /** Called if there are several faces: says how many there are, and which one is taken. */
  readonly onWarning?: (message: string) => void;
}

/** Options that {@link trackClip} and {@link trackFaces} share. */
export interface TrackOptions extends LocateFaceOptions {
  /** How frames are cropped. Default `frame`. A fixed crop, `none` or a rectangle, also selects the face: `face` must be absent. */
  readonly align?: Alignment;
  /** Width and height of the aligned images in pixels. Default: the input size of the network. */
  readonly size?: number;
  /** What happens to frames without a face. Default `hold`. */
  readonly onMissingFace?: MissingFace;
  /** Number of frames, if known. Used only for progress and the estimated remaining time. */
  readonly frames?: number;
  readonly onProgress?: OnProgress;
  /** Called where one of several faces is chosen, and once at the end, with a list of the frames without a face. */
  readonly onWarning?: (message: string) => void;
}

/** Options of {@link trackClip}. A pack of networks can be spread into them. */
export interface TrackClipOptions extends TrackOptions {
  /**
   * How strongly quads are smoothed over time with `align: 'frame'`: standard deviation of a Gaussian, in frames; 0 turns it
   * off. Skipped frames count, so a sparse driver is smoothed less. Default 1.5.
   */
  readonly smoothing?: number;
}

/** Options of {@link trackFaces}. A pack of networks can be spread into them. */
export interface TrackFacesOptions extends TrackOptions {
  /** The One-Euro filter of the quads with `align: 'frame'`; `false` turns it off. */
  readonly smoothing?: OneEuroOptions | false;
}

/** Accepts one of some words, or a rectangle. */
export function alignmentCheck(...words: readonly string[]): OptionCheck {
  return either(
    `${words.join(', ')} or a rectangle {x, y, width, height}`,
    oneOf(...words),
    bagOf<Rect>(
      { x: finiteNumber, y: finiteNumber, width: positiveNumber, height: positiveNumber },
      ...(['x', 'y', 'width', 'height'] as const),
    ),
  );
}

/** Accepts a frame of a driver; its picture is checked separately. */
export const frameCheck = accepting(
  'a frame {index, image}, as readVideo yields it',
  (value) => typeof value === 'object' && value !== null && 'image' in value,
);

/** Accepts a choice of a face. */
export const faceCheck = either(
  'largest, a number counted from the left from 0, or a point {x, y}',
  oneOf('largest'),
  wholeNumberFrom(0),
  bagOf<{ x: number; y: number }>({ x: finiteNumber, y: finiteNumber }, 'x', 'y'),
);

/**
 * Refuses a choice of a face beside a crop that does not depend on the face.
 *
 * @param prefix put before the option's name.
 * @throws FaceanimError `invalid-option`
 */
export function checkFaceApplies({ align, face }: Pick<TrackOptions, 'align' | 'face'>, prefix = ''): void {
  if (face === undefined || (align !== 'none' && typeof align !== 'object')) return;
  throw new FaceanimError('invalid-option', `${prefix}face does not apply to a fixed crop.`, {
    hint: 'Leave it out: the face in the crop is taken. Or use another align.',
  });
}

/** Accepts what happens to frames without a face. */
export const missingFaceCheck = oneOf('hold', 'skip', 'error');

/** Checks of the options of `locateFace`. */
export const locateChecks: OptionChecks<LocateFaceOptions> = {
  landmarkNet: landmarkNetCheck,
  locate: aFunction,
  face: faceCheck,
  minScore: numberFrom(0),
  backend: backendCheck,
  signal: anAbortSignal,
  onProgress: aFunction,
  onWarning: aFunction,
};

const sharedChecks: OptionChecks<TrackOptions> = {
  ...locateChecks,
  align: alignmentCheck('frame', 'first', 'none'),
  size: wholeNumberFrom(1),
  onMissingFace: missingFaceCheck,
  frames: wholeNumberFrom(0),
  onProgress: aFunction,
};

/** Checks of the options of `trackClip`. */
export const clipChecks: OptionChecks<TrackClipOptions> = { ...sharedChecks, smoothing: numberFrom(0) };

/** Checks of the options of `trackFaces`. */
export const trackChecks: OptionChecks<TrackFacesOptions> = {
  ...sharedChecks,
  smoothing: either(
    'false or {minCutoff, beta}',
    accepting('false', (value) => value === false),
    bagOf<OneEuroOptions>({ minCutoff: positiveNumber, beta: numberFrom(0) }),
  ),
};
