import { open } from 'node:fs/promises';
import type { RgbImage } from '@faceanim/core';
import { FaceanimError, invalidOption } from '@faceanim/tensor/errors';
import { aiXmp } from '../../ai-generated';
import { frameDelay, type VideoSink } from '../video-sink';
import { fromRgb } from '../write-image';

const quality = 90;
/** The longest side of a WebP picture in pixels. */
const maxSide = 16383;
/** The size of a file is stored in 32 bits. */
const maxBytes = 2 ** 32 - 2;

/**
 * Animated WebP. It is written frame by frame, so that a long run needs no more memory than a short one: sharp encodes
 * stills, which are put into the RIFF container here (https://developers.google.com/speed/webp/docs/riff_container).
 */
export const writeWebp: VideoSink = async (frames, { path, name, startOf, aiGenerated }) => {
  const file = await open(path, 'w');
  try {
    let size = 0;
    const append = async (bytes: Buffer) => {
      if (size + bytes.length > maxBytes) throw tooLong(name);
      await file.writeFile(bytes);
      size += bytes.length;
    };
    let index = 0;
    for await (const frame of frames) {
      if (index === 0) await append(header(frame, aiGenerated));
      await append(await animationFrame(frame, frameDelay(index, startOf, 1)));
      index++;
    }
    if (aiGenerated) await append(chunk('XMP ', Buffer.from(aiXmp)));
    const riffSize = Buffer.alloc(4);
    riffSize.writeUInt32LE(size - 8);
    await file.write(riffSize, 0, 4, 4);
  } finally {
    await file.close();
  }
};

function tooLong(name: string): FaceanimError {
  return new FaceanimError('media', `${name} has more than the 4 GB that fit into a WebP file.`, {
    file: name,
    hint: 'Write .mp4, or a folder of PNG frames.',
  });
}

/** Everything before the first frame. The size of the file is filled in at the end. */
function header({ width, height }: RgbImage, hasXmp: boolean): Buffer {
  if (width > maxSide || height > maxSide) {
    throw invalidOption('frames', `${width}x${height}`, `at most ${maxSide} pixels wide and high for WebP`);
  }
  const extended = Buffer.alloc(10);
  extended.writeUInt8(0x02 | (hasXmp ? 0x04 : 0), 0); // has an animation
  extended.writeUIntLE(width - 1, 4, 3);
  extended.writeUIntLE(height - 1, 7, 3);
  const animation = Buffer.alloc(6); // background 0, loops for ever
  return Buffer.concat([
    Buffer.from('RIFF\0\0\0\0WEBP', 'latin1'),
    chunk('VP8X', extended),
    chunk('ANIM', animation),
  ]);
}

async function animationFrame(frame: RgbImage, milliseconds: number): Promise<Buffer> {
  const still = await fromRgb(frame).webp({ quality, smartSubsample: true }).toBuffer();
  const placement = Buffer.alloc(16); // at 0, 0
  placement.writeUIntLE(frame.width - 1, 6, 3);
  placement.writeUIntLE(frame.height - 1, 9, 3);
  placement.writeUIntLE(milliseconds, 12, 3);
  placement.writeUInt8(0x02, 15); // replaces the frame before instead of blending
  return chunk('ANMF', Buffer.concat([placement, bitstream(still)]));
}

/** The chunk of a still WebP file with the picture. */
function bitstream(webp: Buffer): Buffer {
  for (let at = 12; at + 8 <= webp.length; ) {
    const end = at + 8 + webp.readUInt32LE(at + 4);
    const padded = end + (end & 1);
    const type = webp.toString('latin1', at, at + 4);
    if (type === 'VP8 ' || type === 'VP8L') return webp.subarray(at, padded);
    at = padded;
  }
  throw new Error('sharp wrote a WebP file without a picture');
}

function chunk(type: string, payload: Buffer): Buffer {
  const head = Buffer.from(`${type}\0\0\0\0`, 'latin1');
  head.writeUInt32LE(payload.length, 4);
  return Buffer.concat([head, payload, Buffer.alloc(payload.length & 1)]);
}
