import { open } from 'node:fs/promises';
import { FaceanimError } from '@faceanim/tensor/errors';
import { webpFrame, webpHeader, webpTag } from '../../animated-webp';
import { frameDelay } from '../../video-output';
import type { VideoSink } from '../video-sink';
import { fromRgb } from '../write-image';

const quality = 90;
/** The size of a file is stored in 32 bits. */
const maxBytes = 2 ** 32 - 2;

/**
 * Animated WebP. It is written frame by frame, so that a long run needs no more memory than a short one: sharp encodes
 * stills, of which each becomes a frame.
 */
export const writeWebp: VideoSink = async (frames, { path, name, startOf, aiGenerated }) => {
  const file = await open(path, 'w');
  try {
    let size = 0;
    const append = async (bytes: Uint8Array) => {
      if (size + bytes.length > maxBytes) throw tooLong(name);
      await file.writeFile(bytes);
      size += bytes.length;
    };
    let index = 0;
    for await (const frame of frames) {
      if (index === 0) await append(webpHeader(frame, aiGenerated));
      const still = await fromRgb(frame).webp({ quality, smartSubsample: true }).toBuffer();
      await append(webpFrame(still, frame, frameDelay(index, startOf)));
      index++;
    }
    if (aiGenerated) await append(webpTag());
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
