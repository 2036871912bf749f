import type { Rect } from '../media/quad';
import {
  accepting,
  aFunction,
  anAbortSignal,
  backendCheck,
  bagOf,
  either,
  landmarkNetCheck,
  numberFrom,
  type OptionCheck,
  type OptionChecks,
  oneOf,
  positiveNumber,
  wholeNumberFrom,
} from '../options';
import type { LocateFaceOptions, TrackFacesOptions } from './track';

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
