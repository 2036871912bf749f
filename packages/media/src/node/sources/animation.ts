import { FaceanimError } from '@faceanim/tensor/errors';
import sharp, { type Metadata } from 'sharp';
import { frameClock } from '../../frame-times';
import type { VideoFrame } from '../../video';
import { framesWithoutClock, indices, type VideoSource } from '../../video-source';
import { decodeImage, reason } from '../read-image';

/** Bytes to decode at a time. For any frame libvips decodes from the first one on, so one by one would be slow. */
const chunkBytes = 64 * 2 ** 20;
/** sharp's limit for a picture, applied to each frame. */
const mostPixels = 0x3fff ** 2;

/** An animated WebP or GIF, or a still picture as a source of one frame. */
export async function openAnimation(bytes: Buffer, name: string): Promise<VideoSource> {
  if (isCutOff(bytes)) throw damaged(name, 'it is cut off');
  const meta = await metadata(bytes, name);
  const pages = meta.pages ?? 1;
  if (pages === 1) return still(bytes, name);

  const { width, height } = meta;
  const times = startTimes(meta.delay, pages);
  const end = times.pop()!;
  const { fps, ticks } = frameClock(times, pages / end, end);
  const chunk = Math.max(1, Math.floor(chunkBytes / (width * height * 4)));
  return {
    info: {
      width,
      height,
      fps,
      frames: ticks?.length ?? pages,
      variableRate: ticks !== undefined,
      ...(ticks && { times }),
      sound: false,
      kind: 'animation',
    },
    ticks,
    async *frames(range): AsyncGenerator<VideoFrame> {
      let first = 0;
      let held: Buffer | undefined;
      for (const index of indices(range, pages)) {
        if (!held || index >= first + chunk) {
          first = index;
          held = await decodePages(bytes, name, first, Math.min(chunk, pages - first));
        }
        const size = width * height * 3;
        const data = Uint8Array.from(held.subarray((index - first) * size, (index - first + 1) * size));
        yield { index, time: times[index]!, image: { width, height, data } };
      }
    },
  };
}

async function still(bytes: Buffer, name: string): Promise<VideoSource> {
  const image = await decodeImage(bytes, name);
  return {
    info: {
      width: image.width,
      height: image.height,
      fps: framesWithoutClock,
      frames: 1,
      variableRate: false,
      sound: false,
      kind: 'animation',
    },
    async *frames(range) {
      for (const index of indices(range, 1)) yield { index, time: 0, image };
    },
  };
}

/** libvips reads the frames that are left of a cut-off file without complaint. */
function isCutOff(bytes: Buffer): boolean {
  const magic = bytes.toString('latin1', 0, 4);
  if (magic === 'RIFF') return bytes.length < bytes.readUInt32LE(4) + 8;
  return magic === 'GIF8' && bytes.lastIndexOf(0x3b) < bytes.length - 2;
}

async function metadata(bytes: Buffer, name: string): Promise<Metadata> {
  try {
    // Without sharp's limit, which counts the pixels of all frames together.
    const meta = await sharp(bytes, { limitInputPixels: false }).metadata();
    if (meta.width * meta.height <= mostPixels) return meta;
  } catch (error) {
    throw damaged(name, error);
  }
  throw new FaceanimError('media', `The frames of ${name} have more than 268 million pixels.`, {
    file: name,
    hint: 'Shrink them first: a face needs no more than a few thousand.',
  });
}

async function decodePages(bytes: Buffer, name: string, page: number, pages: number): Promise<Buffer> {
  try {
    return await sharp(bytes, { page, pages, failOn: 'error', limitInputPixels: false })
      .flatten({ background: '#fff' })
      .toColourspace('srgb')
      .removeAlpha()
      .raw()
      .toBuffer();
  } catch (error) {
    throw damaged(name, error, page);
  }
}

function damaged(name: string, cause: unknown, frame?: number): FaceanimError {
  const where = frame === undefined ? '' : ` from frame ${frame} on`;
  return new FaceanimError('media', `${name} is damaged${where}: ${reason(cause)}`, {
    file: name,
    frame,
    cause,
    hint: 'Pass a whole animated WebP or GIF, a folder of frames, or a video file.',
  });
}

/** When each page starts in seconds, and when the last ends. A delay of 0 is 100 ms, as in browsers. */
function startTimes(delays: number[] | undefined, pages: number): number[] {
  let milliseconds = 0;
  const starts = [0];
  for (let i = 0; i < pages; i++) {
    milliseconds += delays?.[i] || 100;
    starts.push(milliseconds / 1000);
  }
  return starts;
}
