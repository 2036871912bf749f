import { FaceanimError } from '@faceanim/tensor';
import { checkOptions, iterableOf } from '@faceanim/tensor/options';
import { throwIfRunAborted } from '../abort';
import type { RgbImage } from '../contracts/image';
import { centredSquare, imageToQuad, type Quad, rectQuad } from '../images/quad';
import { cropQuad } from '../images/warp';
import { anRgbImage } from '../options';
import { type DetectedLandmarks, detectLandmarks } from './detect';
import { ffhqQuad } from './ffhq-quad';
import { checkIbug68 } from './groups';
import { defaultMinScore, scanForFace } from './locate';
import type { Landmarks } from './measures';
import {
  type Alignment,
  frameCheck,
  type LocateFaceOptions,
  locateChecks,
  type TrackFacesOptions,
  trackChecks,
} from './track-options';

/** A face in an image: its landmarks, and the quad by which FFHQ would crop it. */
export interface LocatedFace extends DetectedLandmarks {
  readonly quad: Quad;
}

/** A driver frame, cropped as the generator's training images are. */
export interface AlignedFrame extends LocatedFace {
  /** Index of the frame in the driver. */
  readonly index: number;
  /** Index of its shot, from 0: a cut begins a new one. Every shot has a frame with a face. */
  readonly shot: number;
  /** False if no face was found in it: everything but `index` is then that of a frame nearby, whose face is held. */
  readonly found: boolean;
  /** The crop. */
  readonly image: RgbImage;
  /** The quad by which it was cropped, in pixels of the frame. */
  readonly quad: Quad;
  /** The landmarks in pixels of the crop. */
  readonly alignedLandmarks: Landmarks;
}

/** A frame of a driver: its index, which increases from frame to frame, its picture, and possibly its own `minScore`. */
export type TrackedFrame = { readonly index: number; readonly image: RgbImage; readonly minScore?: number };

const framesCheck = iterableOf('the frames of a driver, e.g. readVideo(file)');

/**
 * Finds a face and its landmarks in one image.
 *
 * @throws FaceanimError `no-face` if no face is found; `invalid-option`, also for a network without the 68 iBUG landmarks.
 */
export async function locateFace(image: RgbImage, options: LocateFaceOptions): Promise<LocatedFace> {
  checkOptions('locateFace', options, locateChecks, { required: ['net'] });
  checkIbug68(options.net.points, 'locateFace');
  anRgbImage(image, 'The image of locateFace');
  await options.backend?.activate();
  const face = await searchFace(image, options);
  if (!face) throw noFace('the image');
  return face;
}

/**
 * Tracks one face through the frames of a driver and crops it from each. The first frame is searched for the face; later
 * frames start at the previous quad, and are searched only if no face is found there.
 *
 * @throws FaceanimError `no-face` with the index of the frame without a face; `media` for frames of different sizes, or if
 *   there are none; `invalid-option`, also for a network without the 68 iBUG landmarks; `aborted`.
 */
export async function* trackFaces(
  frames: AsyncIterable<TrackedFrame> | Iterable<TrackedFrame>,
  options: TrackFacesOptions,
): AsyncGenerator<AlignedFrame, void, undefined> {
  checkOptions('trackFaces', options, trackChecks, { required: ['net'] });
  framesCheck(frames, 'The frames of trackFaces');
  checkIbug68(options.net.points, 'trackFaces');
  const { net, align = 'frame', smoothing = 0.2, size = net.inputSize } = options;
  const { backend, signal, onProgress } = options;

  let first: RgbImage | undefined;
  let previous: { index: number; faceQuad: Quad; quad: Quad } | undefined;
  let count = 0;
  for await (const frame of frames) {
    frameCheck(frame, 'A frame of trackFaces');
    const { index, image, minScore = options.minScore } = frame;
    throwIfRunAborted(signal, { frame: index });
    anRgbImage(image, `image of driver frame ${index}`);
    onProgress?.({ stage: 'track', frame: index, position: count++ });
    await backend?.activate();
    first ??= image;
    checkSize(index, image, first);

    const crop = fixedQuad(align, image);
    // A fixed crop also selects the face.
    const locate = crop ? async () => crop : options.locate;
    const search = { ...options, locate, minScore };
    const followed = previous && (await refineFace(image, previous.faceQuad, search));
    const face = followed ?? (await searchFace(image, search));
    if (!face) throw noFace(`frame ${index}`, index);

    let quad = crop ?? face.quad;
    if (align === 'first') quad = previous?.quad ?? quad;
    // After a new search the previous quad may be somewhere else.
    else if (align === 'frame' && previous && followed) {
      quad = mixQuads(quad, previous.quad, smoothing ** Math.max(1, index - previous.index));
    }
    previous = { index, faceQuad: face.quad, quad };

    yield {
      ...{ index, shot: 0, found: true },
      image: cropQuad(image, quad, size),
      quad,
      landmarks: face.landmarks,
      alignedLandmarks: imageToQuad(face.landmarks, quad, size),
      score: face.score,
    };
  }
  if (!first) {
    throw new FaceanimError('media', 'The driver has no frames.', {
      hint: 'Pass a clip with at least one frame.',
    });
  }
}

async function searchFace(image: RgbImage, options: LocateFaceOptions): Promise<LocatedFace | undefined> {
  const { net, minScore = defaultMinScore, signal } = options;
  const locate = options.locate ?? scanForFace(net, minScore);
  const quad = await locate(image, { signal });
  return quad && refineFace(image, quad, options);
}

/**
 * Finds landmarks in a quad, then again in their FFHQ quad. Two passes in a row must reach `minScore`; a start that is far
 * off gets a third pass.
 */
async function refineFace(
  image: RgbImage,
  start: Quad,
  { net, minScore = defaultMinScore }: LocateFaceOptions,
): Promise<LocatedFace | undefined> {
  let quad: Quad | undefined = start;
  let foundBefore = false;
  for (let pass = 0; pass < 3 && quad; pass++) {
    const detected: DetectedLandmarks = await detectLandmarks(image, quad, net);
    quad = ffhqQuad(detected.landmarks);
    const found = detected.score >= minScore;
    if (quad && foundBefore && found) return { ...detected, quad };
    foundBefore = found;
  }
  return undefined;
}

function fixedQuad(align: Alignment, image: RgbImage): Quad | undefined {
  if (align === 'none') return centredSquare(image);
  return typeof align === 'object' ? rectQuad(align) : undefined;
}

/** `(1 - share) a + share b`. */
function mixQuads(a: Quad, b: Quad, share: number): Quad {
  const mix = (p: Quad['center'], q: Quad['center']) =>
    [p[0] + share * (q[0] - p[0]), p[1] + share * (q[1] - p[1])] as const;
  return { center: mix(a.center, b.center), x: mix(a.x, b.x), y: mix(a.y, b.y) };
}

function checkSize(frame: number, image: RgbImage, first: RgbImage): void {
  if (image.width === first.width && image.height === first.height) return;
  const sizes = `${image.width} x ${image.height} instead of ${first.width} x ${first.height}`;
  throw new FaceanimError('media', `Frame ${frame} is ${sizes} pixels.`, {
    frame,
    hint: 'All frames of a driver must have the same size: scale or split the video.',
  });
}

function noFace(where: string, frame?: number): FaceanimError {
  return new FaceanimError('no-face', `No face was found in ${where}.`, {
    frame,
    hint:
      frame === undefined
        ? 'Pass a picture of one face, crop it to the face, or lower minScore.'
        : 'Skip the frames without a face, crop to the face, or lower minScore.',
  });
}
