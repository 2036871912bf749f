import type { RgbImage } from '@faceanim/core';
import { drawLandmarks } from '@faceanim/core/landmarks';
import type { SheetFrame } from './sheet-frames';

/** The result with its target drawn on it, thick enough to be seen in a small picture. */
export function drawTarget({ result, target }: Pick<SheetFrame, 'result' | 'target'>): RgbImage {
  const { width } = result;
  return drawLandmarks(
    result,
    target.map((value) => value * width),
    { thickness: Math.max(2, Math.round(width / 100)) },
  );
}
