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
import { landmarkNetCheck } from '../options';
import type { FaceLocator } from './locate';

/**
 * Which part of each driver frame is cut out: the FFHQ quad of its own landmarks (`frame`), that of the first frame
 * for all (`first`), the largest centred square (`none`), or a rectangle in pixels (stretched if it is not square).
 */
export type Alignment = 'frame' | 'first' | 'none' | Rect;

/** Options of {@link locateFace}. */
export interface LocateFaceOptions {
  readonly net: LandmarkNet;
  /** Finds the face. Default `scanForFace`, a search in squares of three sizes. */
  readonly locate?: FaceLocator;
  /** Mean heat-map peak below which there is no face; 0 accepts anything. Default 0.45. */
  readonly minScore?: number;
  /** Activated before the network runs, for every frame. Default: the backend that is active. */
  readonly backend?: Backend;
  readonly signal?: AbortSignal | undefined;
}

/** Options of {@link trackFaces}. */
export interface TrackFacesOptions extends LocateFaceOptions {
  /** Default `frame`. */
  readonly align?: Alignment;
  /** Side of the aligned images in pixels. Default the input size of the network. */
  readonly size?: number;
  /**
   * Share of the previous quad that is kept in the next frame's, 0..1 (1 excluded), for `align: 'frame'`. Frames
   * that were left out count, so that a sparse driver is smoothed less. Default 0.2, which was measured to take
   * a sixth off the jitter of the quad for a lag that stays within its error.
   */
  readonly smoothing?: number;
  readonly onProgress?: OnProgress;
}

/** Takes a share that the frame before keeps. */
export const smoothingCheck = accepting(
  'a number from 0 to below 1',
  (value) => typeof value === 'number' && value >= 0 && value < 1,
);

/** Takes one of some words, or a rectangle. */
export function alignmentCheck(...words: readonly string[]): OptionCheck {
  const anyNumber = numberFrom(Number.NEGATIVE_INFINITY);
  return either(
    `${words.join(', ')} or a rectangle {x, y, width, height}`,
    oneOf(...words),
    bagOf<Rect>({ x: anyNumber, y: anyNumber, width: positiveNumber, height: positiveNumber }),
  );
}

/** Takes a frame of a driver; its picture is checked by itself. */
export const frameCheck = accepting(
  'a frame {index, image}, as readVideo gives it',
  (value) => typeof value === 'object' && value !== null && 'image' in value,
);

/** What the options of `locateFace` take. */
export const locateChecks: OptionChecks<LocateFaceOptions> = {
  net: landmarkNetCheck,
  locate: aFunction,
  minScore: numberFrom(0),
  backend: backendCheck,
  signal: anAbortSignal,
};

/** What the options of `trackFaces` take. */
export const trackChecks: OptionChecks<TrackFacesOptions> = {
  ...locateChecks,
  align: alignmentCheck('frame', 'first', 'none'),
  size: wholeNumberFrom(1),
  smoothing: smoothingCheck,
  onProgress: aFunction,
};
