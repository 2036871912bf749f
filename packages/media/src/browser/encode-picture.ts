import type { RgbImage } from '@faceanim/core';
import { FaceanimError } from '@faceanim/tensor/errors';
import { whiteCanvas, withAlpha } from './canvas';

/**
 * Encodes a picture by a canvas; `name` is what errors call it.
 *
 * @param others what to use where the browser has no encoder for `type`
 * @throws FaceanimError `media` if this browser does not encode the type, or has no canvas of the size
 */
export async function encodePicture(
  name: string,
  image: RgbImage,
  { type, quality, others }: { type: string; quality: number; others: string },
): Promise<Blob> {
  const context = whiteCanvas(image, name);
  context.putImageData(withAlpha(image), 0, 0);
  const blob = await context.canvas.convertToBlob({ type, quality });
  // A browser without the encoder makes a PNG.
  if (blob.type === type) return blob;
  throw new FaceanimError(
    'media',
    `${name} needs an encoder for ${type}, which this browser does not have.`,
    {
      file: name,
      hint: `Use ${others}, or another browser.`,
    },
  );
}
