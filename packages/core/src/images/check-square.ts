import { FaceanimError } from '@faceanim/tensor';
import type { RgbImage } from '../contracts/image';

/**
 * Throws if a look is not square.
 *
 * @throws FaceanimError `invalid-option`
 */
export function checkSquare({ width, height }: RgbImage): void {
  if (width === height) return;
  throw new FaceanimError('invalid-option', `The look is ${width} x ${height} pixels, but must be square.`, {
    hint: 'Crop it with prepareLook, or as the training images of the generator were cropped (FFHQ).',
  });
}
