import { writeFile } from 'node:fs/promises';
import { FaceanimError } from '@faceanim/core';
import sharp from 'sharp';
import { frameDelay, type VideoSink } from '../video-sink';

/** libvips takes all frames of a GIF at once. */
const maxBytes = 2 ** 30;

/** Animated GIF: 256 colours, times in hundredths of a second. */
export const writeGif: VideoSink = async (frames, { path, name, fps }) => {
  const held: Uint8Array[] = [];
  let [width, height] = [0, 0];
  for await (const frame of frames) {
    ({ width, height } = frame);
    held.push(Uint8Array.from(frame.data));
    if (held.length * frame.data.length > maxBytes) {
      throw new FaceanimError('media', `${name} has too many frames for a GIF.`, {
        file: name,
        frame: held.length - 1,
        hint: 'Write .webp, .mp4 or a folder of PNG frames.',
      });
    }
  }
  const raw = { width, height: height * held.length, channels: 3, pageHeight: height } as const;
  const bytes = await sharp(Buffer.concat(held), { raw, limitInputPixels: false })
    .gif({ delay: held.map((_, i) => frameDelay(i, fps, 10)), loop: 0 })
    .toBuffer();
  await writeFile(path, bytes);
};
