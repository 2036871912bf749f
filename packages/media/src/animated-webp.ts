import type { RgbImage } from '@faceanim/core';
import { invalidOption } from '@faceanim/tensor/errors';
import { aiXmp } from './ai-generated';
import { join, latin1, riffChunk } from './bytes';

type Size = Pick<RgbImage, 'height' | 'width'>;

/** The longest side of a WebP picture in pixels. */
const maxSide = 16383;

/**
 * The parts of an animated WebP made of still ones (https://developers.google.com/speed/webp/docs/riff_container): this one
 * comes before the first frame. Bytes 4 to 7 are for the size of all that follows them, little-endian.
 *
 * @throws FaceanimError `invalid-option` for frames that are too large
 */
export function webpHeader({ width, height }: Size, aiGenerated: boolean): Uint8Array<ArrayBuffer> {
  if (width > maxSide || height > maxSide) {
    throw invalidOption('frames', `${width}x${height}`, `at most ${maxSide} pixels wide and high for WebP`);
  }
  const flags = 0x02 | (aiGenerated ? 0x04 : 0); // an animation, XMP
  const extended = Uint8Array.of(flags, 0, 0, 0, ...uint24(width - 1), ...uint24(height - 1));
  const animation = new Uint8Array(6); // background 0, loops for ever
  return join([latin1('RIFF\0\0\0\0WEBP'), riffChunk('VP8X', extended), riffChunk('ANIM', animation)]);
}

/** A frame, from a still WebP of it. */
export function webpFrame(
  still: Uint8Array,
  { width, height }: Size,
  milliseconds: number,
): Uint8Array<ArrayBuffer> {
  const place = [0, 0, 0, 0, 0, 0];
  const replaces = 0x02; // instead of blending with the frame before
  const sizes = [width - 1, height - 1, milliseconds].flatMap(uint24);
  return riffChunk('ANMF', join([Uint8Array.of(...place, ...sizes, replaces), bitstream(still)]));
}

/** What comes after the last frame of one that a trained model made. */
export const webpTag = (): Uint8Array<ArrayBuffer> => riffChunk('XMP ', new TextEncoder().encode(aiXmp));

/** The chunk of a still WebP with the picture. */
function bitstream(webp: Uint8Array): Uint8Array {
  const view = new DataView(webp.buffer, webp.byteOffset, webp.byteLength);
  for (let at = 12; at + 8 <= webp.length; ) {
    const end = at + 8 + view.getUint32(at + 4, true);
    const padded = end + (end & 1);
    const type = String.fromCharCode(...webp.subarray(at, at + 4));
    if (type === 'VP8 ' || type === 'VP8L') return webp.subarray(at, padded);
    at = padded;
  }
  throw new Error('the encoder made a WebP file without a picture');
}

/** Little-endian. */
const uint24 = (value: number) => [value & 0xff, (value >> 8) & 0xff, (value >> 16) & 0xff];
