import { imageData } from '@faceanim/browser';
import type { RgbImage } from '@faceanim/core';

/** Encodes images as an animated GIF that repeats. Each has 256 colours of its own. */
export async function encodeGif(images: AsyncIterable<RgbImage>, fps: number): Promise<Blob> {
  const { applyPalette, GIFEncoder, quantize } = await import('gifenc');
  const gif = GIFEncoder();
  for await (const image of images) {
    const { data } = imageData(image);
    const palette = quantize(data, 256);
    const pixels = applyPalette(data, palette);
    gif.writeFrame(pixels, image.width, image.height, { palette, delay: 1000 / fps });
  }
  gif.finish();
  return new Blob([gif.bytes()], { type: 'image/gif' });
}
