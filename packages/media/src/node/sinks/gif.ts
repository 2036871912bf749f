import { open } from 'node:fs/promises';
import type { RgbImage } from '@faceanim/core';
import { checkGifSize, gifDelays, gifTag } from '../../gif-frames';
import type { VideoSink } from '../video-sink';
import { fromRgb } from '../write-image';

/**
 * Animated GIF with 256 colours a frame and times in hundredths of a second. It is written frame by frame, so that a long
 * run needs no more memory than a short one: sharp encodes stills, which are put together here
 * (https://www.w3.org/Graphics/GIF/spec-gif89a.txt).
 */
export const writeGif: VideoSink = async (frames, { path, startOf, aiGenerated }) => {
  const file = await open(path, 'w');
  try {
    const delayOf = gifDelays(startOf);
    let index = 0;
    for await (const frame of frames) {
      if (index === 0) {
        await file.writeFile(header(frame));
        if (aiGenerated) await file.writeFile(gifTag());
      }
      const delay = delayOf(index++);
      if (delay > 0) await file.writeFile(await animationFrame(frame, delay));
    }
    await file.writeFile(Buffer.of(0x3b));
  } finally {
    await file.close();
  }
};

/** The size, and that it loops for ever. Each frame brings its own colours. */
function header(first: RgbImage): Buffer {
  checkGifSize(first);
  const { width, height } = first;
  const screen = Buffer.alloc(7);
  screen.writeUInt16LE(width, 0);
  screen.writeUInt16LE(height, 2);
  screen.writeUInt8(0x70, 4); // 8 bits a colour, no colour table
  return Buffer.concat([
    Buffer.from('GIF89a', 'latin1'),
    screen,
    Buffer.from('\x21\xff\x0bNETSCAPE2.0\x03\x01\0\0\0', 'latin1'),
  ]);
}

async function animationFrame(frame: RgbImage, hundredths: number): Promise<Buffer> {
  const { colours, descriptor, pixels } = parts(await fromRgb(frame).gif().toBuffer());
  const control = Buffer.from([0x21, 0xf9, 4, 0x04, 0, 0, 0, 0]); // stays until the next frame
  control.writeUInt16LE(hundredths, 4);
  return Buffer.concat([control, descriptor, colours, pixels]);
}

/** The colour table, image descriptor and pixels of a still GIF, made to stand on their own. */
function parts(gif: Buffer): { colours: Buffer; descriptor: Buffer; pixels: Buffer } {
  const screen = gif.readUInt8(10);
  let at = 13 + tableBytes(screen);
  // Skips blocks before the picture, such as the one that names the transparent colour.
  while (gif[at] === 0x21) at = endOfBlocks(gif, at + 2);
  if (gif[at] !== 0x2c) throw new Error('sharp wrote a GIF file without a picture');
  const descriptor = Buffer.from(gif.subarray(at, at + 10));
  const own = tableBytes(descriptor[9]!);
  const colours = own > 0 ? gif.subarray(at + 10, at + 10 + own) : gif.subarray(13, 13 + tableBytes(screen));
  if (own === 0) descriptor[9] = (descriptor[9]! & 0x40) | 0x80 | (screen & 0x07);
  const start = at + 10 + own;
  return { colours, descriptor, pixels: gif.subarray(start, endOfBlocks(gif, start + 1)) };
}

/** The size of a colour table by its packed field. */
function tableBytes(packed: number): number {
  return packed & 0x80 ? 3 * 2 ** ((packed & 0x07) + 1) : 0;
}

/** The end of a chain of blocks, each of which starts with its length. An empty one is the last. */
function endOfBlocks(gif: Buffer, start: number): number {
  let at = start;
  while (gif.readUInt8(at) > 0) at += gif.readUInt8(at) + 1;
  return at + 1;
}
