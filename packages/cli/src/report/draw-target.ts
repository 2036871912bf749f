import type { RgbImage } from '@faceanim/core';
import { drawLandmarks, type Landmarks } from '@faceanim/core/landmarks';
import type { SheetFrame } from './sheet-frames';

/** The result with its target drawn on it. */
export function drawTarget({ result, target }: Pick<SheetFrame, 'result' | 'target'>): RgbImage {
  return drawPoints(result, target);
}

/** A picture with landmarks from 0 to 1 drawn on it, thick enough to be seen when it is small. */
export function drawPoints(picture: RgbImage, landmarks: Landmarks): RgbImage {
  const { width } = picture;
  return drawLandmarks(
    picture,
    landmarks.map((value) => value * width),
    { thickness: Math.max(2, Math.round(width / 100)) },
  );
}
