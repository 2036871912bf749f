import { type PasteBackOptions, type PreparedLook, pasteBack, type RgbImage } from '@faceanim/core';
import { cropQuad, rectQuad, resizeImage } from '@faceanim/core/landmarks';

/** The longest side of a video that every player shows. */
const maxSide = 1920;

/** The picture that a look was cropped from, at the size of the video. */
export type Backdrop = Pick<PasteBackOptions, 'background' | 'quad'>;

/**
 * Prepares the picture that results are pasted into: sides of even length, at most {@link maxSide}.
 *
 * @returns undefined for a look that was taken as it is.
 */
export function backdropOf(picture: RgbImage, { quad }: Pick<PreparedLook, 'quad'>): Backdrop | undefined {
  if (!quad) return undefined;
  const scale = Math.min(1, maxSide / Math.max(picture.width, picture.height));
  const even = (side: number) => Math.max(2, 2 * Math.floor((side * scale) / 2));
  const size = { width: even(picture.width), height: even(picture.height) };
  // Pixels stay as they are where an odd row or column is cut off.
  if (scale === 1) return { background: cropQuad(picture, rectQuad({ x: 0, y: 0, ...size }), size), quad };
  const [sx, sy] = [size.width / picture.width, size.height / picture.height];
  const scaled = ([x, y]: readonly [number, number]) => [x * sx, y * sy] as const;
  return {
    background: resizeImage(picture, size),
    quad: { center: scaled(quad.center), x: scaled(quad.x), y: scaled(quad.y) },
  };
}

/** Pastes each image into the picture, if there is one. */
export async function* pasted(
  images: AsyncIterable<RgbImage>,
  backdrop: Backdrop | undefined,
): AsyncGenerator<RgbImage> {
  for await (const image of images) yield backdrop ? pasteBack(image, backdrop) : image;
}
