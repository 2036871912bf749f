import { invalidOption } from '@faceanim/tensor';
import type { RgbaImage, RgbImage } from '../contracts/image';

/**
 * Converts an RGBA image, such as `ImageData` of a canvas, to RGB: composites it on white, as `readImage` of
 * `@faceanim/media` does.
 *
 * @throws FaceanimError `invalid-option` unless it has four bytes per pixel.
 * @category Look and driver
 */
export function rgbFromRgba(image: RgbaImage): RgbImage {
  const { width, height, data } = (image ?? {}) as RgbaImage;
  if (!(data instanceof Uint8Array || data instanceof Uint8ClampedArray)) {
    throw invalidOption('image', image, 'an RgbaImage {width, height, data}, such as ImageData');
  }
  const pixels = width * height;
  if (data.length !== 4 * pixels) {
    throw invalidOption(
      'data',
      `${data.length} bytes`,
      `${4 * pixels} bytes, four for each of ${width} x ${height} pixels`,
    );
  }
  const rgb = new Uint8ClampedArray(3 * pixels);
  for (let i = 0, p = 0; i < data.length; i += 4) {
    const alpha = data[i + 3]! / 255;
    for (let c = 0; c < 3; c++) rgb[p++] = 255 + (data[i + c]! - 255) * alpha;
  }
  return { width, height, data: rgb };
}
