import { imageData } from '@faceanim/browser';
import type { RgbImage } from '@faceanim/core';

/** Encodes a picture, to a tenth of its size or less. Browsers that write no WebP make a PNG. */
export function compress(image: RgbImage): Promise<Blob> {
  const canvas = new OffscreenCanvas(image.width, image.height);
  canvas.getContext('2d')!.putImageData(imageData(image), 0, 0);
  return canvas.convertToBlob({ type: 'image/webp', quality: 0.9 });
}

/** The most bytes of pictures that are kept decoded: seconds of a playback. */
const most = 64e6;

/** Pictures that are decoded, the one that was used last at the end. */
const decoded = new Map<Blob, ImageBitmap>();
const decoding = new Map<Blob, Promise<ImageBitmap>>();

/** A picture, if it is decoded already. */
export function bitmapAtHand(picture: Blob): ImageBitmap | undefined {
  const bitmap = decoded.get(picture);
  if (!bitmap) return undefined;
  decoded.delete(picture);
  decoded.set(picture, bitmap);
  return bitmap;
}

/** Decodes a picture, and keeps it for a while. */
export function bitmapOf(picture: Blob): Promise<ImageBitmap> {
  const known = bitmapAtHand(picture);
  if (known) return Promise.resolve(known);
  const pending = decoding.get(picture) ?? decode(picture);
  decoding.set(picture, pending);
  return pending;
}

async function decode(picture: Blob): Promise<ImageBitmap> {
  try {
    const bitmap = await createImageBitmap(picture);
    decoded.set(picture, bitmap);
    let bytes = [...decoded.values()].reduce((sum, each) => sum + bytesOf(each), 0);
    for (const [old, each] of decoded) {
      if (bytes <= most || each === bitmap) break;
      bytes -= bytesOf(each);
      decoded.delete(old);
      // Whoever has it draws at once, so that it is no longer in use.
      each.close();
    }
    return bitmap;
  } finally {
    decoding.delete(picture);
  }
}

const bytesOf = ({ width, height }: ImageBitmap) => 4 * width * height;
