import { imageData } from '@faceanim/browser';
import type { RgbImage } from '@faceanim/core';
import { aiComment } from '@faceanim/media';

/** Viewers take a frame that is shown for less than 2/100 s for a mistake, and slow down. */
const shortest = 2;

/**
 * Encodes images as an animated GIF that repeats. Each has 256 colours of its own. Times are in hundredths of a second, so at
 * more than 50 frames a second some are left out.
 */
export async function encodeGif(images: AsyncIterable<RgbImage>, fps: number): Promise<Blob> {
  const { applyPalette, GIFEncoder, quantize } = await import('gifenc');
  const gif = GIFEncoder();
  const at = (frame: number) => Math.round((100 * frame) / fps);
  let shown = 0;
  let frame = 0;
  for await (const image of images) {
    const hundredths = Math.max(at(++frame) - shown, shown === 0 ? shortest : 0);
    if (hundredths < shortest) continue;
    shown += hundredths;
    const { data } = imageData(image);
    const palette = quantize(data, 256);
    const pixels = applyPalette(data, palette);
    gif.writeFrame(pixels, image.width, image.height, { palette, delay: 10 * hundredths });
  }
  gif.stream.writeBytes(comment(aiComment));
  gif.finish();
  return new Blob([gif.bytes()], { type: 'image/gif' });
}

/** A comment of at most 255 characters. */
function comment(text: string): Uint8Array {
  return Uint8Array.of(0x21, 0xfe, text.length, ...new TextEncoder().encode(text), 0);
}
