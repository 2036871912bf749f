import type { Backend } from '@faceanim/tensor';
import {
  accepting,
  aFunction,
  anAbortSignal,
  backendCheck,
  bagOf,
  either,
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
import { landmarkNetCheck, shareBelowOne } from '../options';
import type { FaceLocator } from './locate';

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

/** Options of {@link locateFace}. */
export interface LocateFaceOptions {
  /** A landmark network with the 68 iBUG landmarks. */
  readonly net: LandmarkNet;
  /** Finds the face if it is not known from the previous frame. Default `scanForFace`, a search with the landmark network. */
  readonly locate?: FaceLocator;
  /** The lowest mean heat-map peak that counts as a face; 0 accepts anything. Default 0.45. */
  readonly minScore?: number;
  /** The backend to run on; it is activated before every frame. Default: the active backend. */
  readonly backend?: Backend;
  readonly signal?: AbortSignal | undefined;
}

/** Options of {@link trackFaces}. */
export interface TrackFacesOptions extends LocateFaceOptions {
  /** How frames are cropped. Default `frame`. */
  readonly align?: Alignment;
  /** Width and height of the aligned images in pixels. Default: the input size of the network. */
  readonly size?: number;
  /**
   * Weight of the previous frame's quad in that of the next, from 0 to below 1, for `align: 'frame'`. Skipped frames count,
   * so a sparse driver is smoothed less. Default 0.2, which reduces the measured jitter of the quad by a sixth, with a lag
   * below the jitter.
   */
  readonly smoothing?: number;
  /** Which face is followed if there are several. Default `largest`. */
  readonly face?: FaceChoice;
  /** What happens to frames without a face. Default `hold`. */
  readonly onMissingFace?: MissingFace;
  readonly onProgress?: OnProgress;
  /** Called if there are several faces, and if frames have none. */
  readonly onWarning?: (message: string) => void;
}

/** Options of {@link trackClip}. */
export interface TrackClipOptions extends TrackFacesOptions {}

const anyNumber = numberFrom(Number.NEGATIVE_INFINITY);

/** Accepts one of some words, or a rectangle. */
export function alignmentCheck(...words: readonly string[]): OptionCheck {
  return either(
    `${words.join(', ')} or a rectangle {x, y, width, height}`,
    oneOf(...words),
    bagOf<Rect>(
      { x: anyNumber, y: anyNumber, width: positiveNumber, height: positiveNumber },
      ...(['x', 'y', 'width', 'height'] as const),
    ),
  );
}

/** Accepts a frame of a driver; its picture is checked separately. */
export const frameCheck = accepting(
  'a frame {index, image}, as readVideo yields it',
  (value) => typeof value === 'object' && value !== null && 'image' in value,
);

/** Checks of the options of `locateFace`. */
export const locateChecks: OptionChecks<LocateFaceOptions> = {
  net: landmarkNetCheck,
  locate: aFunction,
  minScore: numberFrom(0),
  backend: backendCheck,
  signal: anAbortSignal,
};

/** Accepts a choice of a face. */
export const faceCheck = either(
  'largest, a number counted from the left, or a point {x, y}',
  oneOf('largest'),
  wholeNumberFrom(0),
  bagOf<{ x: number; y: number }>({ x: anyNumber, y: anyNumber }, 'x', 'y'),
);

/** Checks of the options of `trackFaces`. */
export const trackChecks: OptionChecks<TrackFacesOptions> = {
  ...locateChecks,
  align: alignmentCheck('frame', 'first', 'none'),
  size: wholeNumberFrom(1),
  smoothing: shareBelowOne,
  face: faceCheck,
  onMissingFace: oneOf('hold', 'skip', 'error'),
  onProgress: aFunction,
  onWarning: aFunction,
};
