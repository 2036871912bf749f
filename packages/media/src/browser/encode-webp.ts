import type { RgbImage } from '@faceanim/core';
import { webpFrame, webpHeader, webpTag } from '../animated-webp';
import { uint32 } from '../bytes';
import { frameDelay } from '../video-output';
import { encodePicture } from './encode-picture';
import type { Encoded, ImageEncoding } from './encoding';

const type = 'image/webp';
const quality = 0.9;

/** @throws FaceanimError `media` if this browser does not encode WebP */
export async function checkWebpEncoder(name: string): Promise<void> {
  await still(name, { width: 1, height: 1, data: new Uint8Array(3) });
}

/** Encodes frames as an animated WebP, which loops for ever: the browser encodes stills, of which each becomes a frame. */
export async function encodeWebp(
  frames: AsyncIterable<RgbImage>,
  { name, startOf, aiGenerated }: ImageEncoding,
): Promise<Encoded> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let index = 0;
  for await (const frame of frames) {
    if (index === 0) parts.push(webpHeader(frame, aiGenerated));
    parts.push(webpFrame(await still(name, frame), frame, frameDelay(index, startOf)));
    index++;
  }
  if (aiGenerated) parts.push(webpTag());
  const bytes = parts.reduce((sum, { byteLength }) => sum + byteLength, 0);
  parts[0]?.set(uint32(bytes - 8).reverse(), 4);
  return { blob: new Blob(parts, { type }), frames: index };
}

async function still(name: string, frame: RgbImage): Promise<Uint8Array> {
  const blob = await encodePicture(name, frame, { type, quality, others: '.gif or .mp4' });
  return new Uint8Array(await blob.arrayBuffer());
}
