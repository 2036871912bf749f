import { stat } from 'node:fs/promises';
import { extname } from 'node:path';
import { FaceanimError, invalidOption, throwIfAborted } from '@faceanim/core';
import { asReadError } from '../files';
import { ffmpegIsInstalled, noVideoCodecs } from './ffmpeg';
import { importMediabunny } from './mediabunny';
import { openAnimation } from './sources/animation';
import { openWithFfmpeg } from './sources/ffmpeg';
import { openFolder } from './sources/folder';
import { openWithMediabunny } from './sources/mediabunny';
import type { VideoFrame, VideoInfo, VideoSource } from './video-source';

/** Options of {@link readVideo}. */
export interface ReadVideoOptions {
  /** Index of the first frame, from 0. Default 0. */
  start?: number;
  /** Take every n-th frame. Default 1. */
  every?: number;
  /** At most this many frames. Default: all. */
  limit?: number;
  /** Stops between two frames and ends the decoder. */
  signal?: AbortSignal;
}

/**
 * Reads the frames of a driver one by one, in order, as upright 8-bit sRGB. Sources: a folder of pictures (natural
 * order), an animated WebP or GIF, a still picture (one frame), or a video file, which needs the `ffmpeg` command or
 * the packages `mediabunny` and `@mediabunny/server`.
 *
 * Frames that `every`, `start` and `limit` leave out are not decoded in folders, and not converted in videos.
 *
 * @throws FaceanimError (while iterating) `io` for a file that cannot be read; `media` naming file and frame for
 *   damaged or empty sources, frames of differing size, or missing video codecs; `invalid-option`; `aborted`
 */
export async function* readVideo(path: string, options: ReadVideoOptions = {}): AsyncGenerator<VideoFrame> {
  const { start = 0, every = 1, limit = Number.POSITIVE_INFINITY, signal } = options;
  if (!(Number.isInteger(start) && start >= 0))
    throw invalidOption('start', start, 'a whole number, 0 or more');
  if (!(Number.isInteger(every) && every >= 1))
    throw invalidOption('every', every, 'a whole number, 1 or more');
  if (!(limit === Number.POSITIVE_INFINITY || (Number.isInteger(limit) && limit >= 1))) {
    throw invalidOption('limit', limit, 'a whole number, 1 or more');
  }
  throwIfAborted(signal);
  const source = await openSource(path);
  const { width, height } = source.info;
  let count = 0;
  for await (const frame of source.frames({ start, every, limit }, signal)) {
    throwIfAborted(signal, { frame: frame.index });
    if (frame.image.width !== width || frame.image.height !== height) {
      const sizes = `${frame.image.width}x${frame.image.height}, those before ${width}x${height}`;
      throw new FaceanimError('media', `Frame ${frame.index} of ${path} has ${sizes}.`, {
        file: path,
        frame: frame.index,
        hint: 'Scale all frames to one size first.',
      });
    }
    yield frame;
    count++;
  }
  if (count === 0) {
    const frames = source.info.frames === undefined ? 'no frames' : `${source.info.frames} frames`;
    throw new FaceanimError('media', `${path} has ${frames}, none at ${start} or later.`, {
      file: path,
      hint: 'Pass a clip with frames, or a smaller start.',
    });
  }
}

/**
 * Tells size, rate and length of a driver without decoding all of it.
 *
 * @throws FaceanimError as {@link readVideo}
 */
export async function probeVideo(path: string): Promise<VideoInfo> {
  return (await openSource(path)).info;
}

/** Extensions of the pictures that sharp decodes. */
const pictures = new Set(['.webp', '.gif', '.png', '.jpg', '.jpeg', '.tif', '.tiff', '.avif']);

async function openSource(path: string): Promise<VideoSource> {
  if ((await statOf(path)).isDirectory()) return openFolder(path);
  if (pictures.has(extname(path).toLowerCase())) return openAnimation(path);
  if (await ffmpegIsInstalled()) return openWithFfmpeg(path);
  const mediabunny = await importMediabunny();
  if (mediabunny) return openWithMediabunny(mediabunny, path);
  throw noVideoCodecs(path, 'pass a folder of PNG frames or an animated WebP or GIF');
}

async function statOf(path: string) {
  try {
    return await stat(path);
  } catch (error) {
    throw asReadError(error, path);
  }
}
