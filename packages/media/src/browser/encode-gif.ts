import type { RgbImage } from '@faceanim/core';
import { checkGifSize, gifDelays, gifTag } from '../gif-frames';
import { withAlpha } from './canvas';
import type { Encoded, ImageEncoding } from './encoding';

/** Encodes frames as an animated GIF with 256 colours a frame, which loops for ever. */
export async function encodeGif(
  frames: AsyncIterable<RgbImage>,
  { startOf, aiGenerated }: ImageEncoding,
): Promise<Encoded> {
  const gifenc = await import('gifenc');
  // Bundlers and CDNs that take its CommonJS build may have everything in `default` only.
  const { applyPalette, GIFEncoder, quantize } = { ...gifenc.default, ...gifenc };
  const gif = GIFEncoder();
  const delayOf = gifDelays(startOf);
  let index = 0;
  for await (const frame of frames) {
    if (index === 0) checkGifSize(frame);
    const delay = delayOf(index++);
    if (delay === 0) continue;
    const { data } = withAlpha(frame);
    const palette = quantize(data, 256);
    const pixels = applyPalette(data, palette);
    gif.writeFrame(pixels, frame.width, frame.height, { palette, delay: 10 * delay });
  }
  if (aiGenerated) gif.stream.writeBytes(gifTag());
  gif.finish();
  return { blob: new Blob([gif.bytes()], { type: 'image/gif' }), frames: index };
}
