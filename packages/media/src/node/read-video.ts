import { open, stat } from 'node:fs/promises';
import { FaceanimError, throwIfAborted } from '@faceanim/tensor';
import {
  accepting,
  aFunction,
  anAbortSignal,
  checkOptions,
  type OptionChecks,
  oneOf,
  wholeNumberFrom,
} from '@faceanim/tensor/options';
import { asReadError, pathCheck } from '../files/atomic-write';
import { ffmpegIsInstalled, noVideoCodecs } from './ffmpeg';
import { headBytes, isPicture, kindOf, refuseKind } from './file-kind';
import { importMediabunny } from './mediabunny';
import { openAnimation } from './sources/animation';
import { openWithFfmpeg } from './sources/ffmpeg';
import { openFolder } from './sources/folder';
import { openWithMediabunny } from './sources/mediabunny';
import { framesAtTicks, type VideoFrame, type VideoInfo, type VideoSource } from './video-source';

/** Options of {@link readVideo}. */
export interface ReadVideoOptions {
  /** Index of the first frame, from 0. Default 0. */
  start?: number;
  /** Take every n-th frame. Default 1. */
  every?: number;
  /** At most this many frames. Default: all. */
  limit?: number;
  /**
   * What to do where frames come at irregular times (phones, browsers, animated pictures). `constant` (default): the frame
   * that is shown at every tick of {@link VideoInfo.fps}, so that the speed is kept when they are written at that rate;
   * some are given twice and others left out. `source`: every frame once, with its own `time`.
   */
  timing?: 'constant' | 'source';
  /** Stops between two frames and ends the decoder. */
  signal?: AbortSignal;
  /** Told, once each, what was changed or left out: sound, HDR colours, frames of another size. */
  onWarning?: (message: string) => void;
}

const checks: OptionChecks<ReadVideoOptions> = {
  start: wholeNumberFrom(0),
  every: wholeNumberFrom(1),
  limit: accepting(
    'a whole number from 1',
    (value) => value === Number.POSITIVE_INFINITY || (Number.isInteger(value) && (value as number) >= 1),
  ),
  timing: oneOf('constant', 'source'),
  signal: anAbortSignal,
  onWarning: aFunction,
};

/**
 * Reads the frames of a driver one by one, in order, as upright 8-bit sRGB. Sources: a folder of pictures (natural
 * order), an animated WebP or GIF, a still picture (one frame), or a video file or animated PNG, which need the `ffmpeg`
 * command or the packages `mediabunny` and `@mediabunny/server`. Content decides, not the name.
 *
 * Frames come at the constant rate of {@link VideoInfo}, see `timing`. Where a video changes its size, all frames are
 * scaled to that of the first; HDR is mapped to BT.709. Frames that `every`, `start` and `limit` leave out are not
 * decoded in folders, and not converted in videos.
 *
 * @throws FaceanimError (while iterating) `io` for a file that cannot be read; `media` naming file and frame for
 *   damaged or empty sources, files of a kind that is not read (playlists, HEIC, BMP), pictures of differing size in a
 *   folder, or missing video codecs; `invalid-option`; `aborted`
 */
export async function* readVideo(path: string, options: ReadVideoOptions = {}): AsyncGenerator<VideoFrame> {
  checkOptions('readVideo', options, checks);
  pathCheck(path, 'path');
  const { start = 0, every = 1, limit = Number.POSITIVE_INFINITY, timing = 'constant', signal } = options;
  throwIfAborted(signal);
  const source = await openSource(path);
  const { width, height } = source.info;
  const range = { start, every, limit };
  const frames =
    timing === 'constant' && source.ticks
      ? framesAtTicks(source, source.ticks, range, options)
      : source.frames(range, options);
  let count = 0;
  for await (const frame of frames) {
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
  pathCheck(path, 'path');
  return (await openSource(path)).info;
}

/** Extensions of pictures, for files whose content tells nothing. */
const pictures = /\.(webp|gif|png|jpe?g|jfif|tiff?|avif)$/i;

async function openSource(path: string): Promise<VideoSource> {
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(path)) {
    throw new FaceanimError('io', `${path} is an address, not a file.`, {
      file: path,
      hint: 'Download it first, and pass the file.',
    });
  }
  if ((await statOf(path)).isDirectory()) return openFolder(path);
  const kind = kindOf(await readHead(path));
  refuseKind(kind, path);
  if (isPicture(kind) || (kind === undefined && pictures.test(path))) return openAnimation(path);
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

/** The first bytes of a file. */
async function readHead(path: string): Promise<Buffer> {
  try {
    const file = await open(path);
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(headBytes), 0, headBytes, 0);
      return buffer.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (error) {
    throw asReadError(error, path);
  }
}
