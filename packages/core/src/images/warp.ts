import type { RgbImage } from '../contracts/image';
import { type Quad, rectQuad } from './quad';
import { type Size, sampleQuad } from './sample-quad';

export type { Size } from './sample-quad';

/**
 * Cuts a quad out of an image and scales it to `size`. Enlarges bilinearly; shrinks by averaging bilinear samples at most
 * one source pixel apart, to avoid aliasing. Outside the image, its border pixels are repeated.
 *
 * @param size width and height of the result; a number stands for a square.
 * @throws FaceanimError `invalid-option` for an image that is not RGB, a size that is not a positive integer, or a quad
 *   that is not finite.
 */
export function cropQuad(image: RgbImage, quad: Quad, size: number | Size): RgbImage {
  return sampleQuad(image, quad, size, 1);
}

/** Scales an image to another size, as {@link cropQuad} does; another aspect ratio stretches it. */
export function resizeImage(image: RgbImage, size: number | Size): RgbImage {
  return cropQuad(image, rectQuad({ x: 0, y: 0, width: image.width, height: image.height }), size);
}
