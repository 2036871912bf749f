import { FaceanimError } from '@faceanim/tensor';
import { checkOptions } from '@faceanim/tensor/options';
import type { RgbImage } from '../contracts/image';
import type { Quad } from '../images/quad';
import { anRgbImage, packKeys } from '../options';
import { choiceMessage, chooseFace } from './choose-face';
import { type DetectedLandmarks, detectLandmarks } from './detect';
import { ffhqQuad } from './ffhq-quad';
import { checkIbug68 } from './groups';
import { defaultMinScore, scanForFaces } from './locate';
import { type LocateFaceOptions, locateChecks } from './track-options';

/** A face in an image: its landmarks, and the quad by which FFHQ would crop it. */
export interface LocatedFace extends DetectedLandmarks {
  readonly quad: Quad;
}

/**
 * Finds a face and its landmarks in one image. Of several faces it takes the largest, or the one that `face` names.
 *
 * @throws FaceanimError `no-face` if no face is found, or fewer than `face` asks for; `invalid-option`, also for a network
 *   without the 68 iBUG landmarks.
 */
export async function locateFace(image: RgbImage, options: LocateFaceOptions): Promise<LocatedFace> {
  checkOptions('locateFace', options, locateChecks, { required: ['landmarkNet'], ignored: packKeys });
  checkIbug68(options.landmarkNet.points, 'locateFace');
  anRgbImage(image, 'The image of locateFace');
  const {
    landmarkNet,
    locate = scanForFaces(landmarkNet, options.minScore),
    face: choice = 'largest',
    signal,
    onProgress,
  } = options;
  await options.backend?.activate();
  const onShare = (fraction: number) => onProgress?.({ stage: 'locate', fraction });
  const found = await locate(image, { signal, onShare });
  const chosen = chooseFace(found, choice);
  const face = chosen && (await refineFace(image, chosen.face.quad, options));
  if (!face) throw noFaceInImage(found.length, choice);
  if (chosen.count > 1) options.onWarning?.(choiceMessage('The image', chosen));
  return face;
}

/** Options of {@link refineFace}. */
export interface RefineFaceOptions extends Pick<LocateFaceOptions, 'landmarkNet' | 'minScore'> {
  /** Whether the start is so close that the first pass will do, if it finds a face. Default false. */
  readonly close?: boolean;
}

/**
 * Finds landmarks in a quad, then again in their FFHQ quad. Two passes in a row must reach `minScore`; a start that is far
 * off gets a third pass.
 */
export async function refineFace(
  image: RgbImage,
  start: Quad,
  { landmarkNet, minScore = defaultMinScore, close = false }: RefineFaceOptions,
): Promise<LocatedFace | undefined> {
  let quad: Quad | undefined = start;
  let foundBefore = close;
  for (let pass = 0; pass < 3 && quad; pass++) {
    const detected: DetectedLandmarks = await detectLandmarks(image, quad, landmarkNet);
    quad = ffhqQuad(detected.landmarks);
    const found = detected.score >= minScore;
    if (quad && foundBefore && found) return { ...detected, quad };
    foundBefore = found;
  }
  return undefined;
}

function noFaceInImage(count: number, choice: LocateFaceOptions['face']): FaceanimError {
  if (typeof choice === 'number' && count > 0) {
    return new FaceanimError('no-face', `The image has no face ${choice}: ${count} ${faces(count)} found.`, {
      hint: 'Faces are counted from left to right, from 0. Or pass a point {x, y} of the face.',
    });
  }
  return new FaceanimError('no-face', 'No face was found in the image.', {
    hint: 'Pass a picture of one face, crop it to the face, or lower minScore.',
  });
}

const faces = (count: number) => (count === 1 ? 'face was' : 'faces were');
