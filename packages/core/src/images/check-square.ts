import { FaceanimError } from '@faceanim/tensor';
import type { RgbImage } from '../contracts/image';

/**
 * Refuses a look that is not square.
 *
 * @throws FaceanimError `invalid-option`
 */
export function checkSquare({ width, height }: RgbImage): void {
  if (width === height) return;
  throw new FaceanimError('invalid-option', `The look is ${width} x ${height} pixels, and must be square.`, {
    hint: 'Crop it as the generator was trained (FFHQ), or have prepareLook do it.',
  });
}
