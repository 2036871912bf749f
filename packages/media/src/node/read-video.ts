import { open, stat } from 'node:fs/promises';
import { FaceanimError, throwIfAborted } from '@faceanim/tensor';
import { headBytes, isPicture, kindOf, refuseKind } from '../file-kind';
import { pathCheck } from '../files/path-check';
import { asReadError } from '../files/system-errors';
import { checkReadOptions, videoOf } from '../read-frames';
import type { ReadVideoOptions, Video, VideoFrame, VideoInfo } from '../video';
import type { VideoSource } from '../video-source';
import { ffmpegIsInstalled, ffmpegMissing } from './ffmpeg';
import { openAnimation } from './sources/animation';
import { openWithFfmpeg } from './sources/ffmpeg';
import { openFolder } from './sources/folder';

/**
 * Opens a video without decoding it: `info` has its size, rate and length, and `frames()` reads it, any number of times. It
 * may be a folder of pictures (in natural order), an animated WebP or GIF, a still picture (one frame), or a video file or
 * animated PNG, which need the `ffmpeg` command. The content decides, not the name.
 *
 * If a video changes its size, all frames are scaled to that of the first. HDR is mapped to BT.709. Frames that `every`,
 * `start` and `limit` skip are not decoded in folders, and not converted in videos.
 *
 * @param path a file or folder. Addresses are refused; the browser's `openVideo` takes them.
 * @throws FaceanimError `io` for a file that cannot be read; `media` for an empty folder, a damaged file, one of a kind
 *   that is not read (playlists, HEIC, BMP), or missing ffmpeg; `invalid-option` for what is no path
 */
export async function openVideo(path: string): Promise<Video> {
  pathCheck(path, 'path');
  return videoOf(await openSource(path), path);
}

/**
 * Reads the frames of a video one by one, in order: `openVideo(path)` and its `frames(options)` in one call.
 *
 * @throws FaceanimError (while iterating) as {@link openVideo} and {@link Video.frames}
 */
export async function* readVideo(path: string, options: ReadVideoOptions = {}): AsyncGenerator<VideoFrame> {
  checkReadOptions('readVideo', options);
  throwIfAborted(options.signal);
  yield* (await openVideo(path)).frames(options);
}

/**
 * Size, rate and length of a video: the `info` of {@link openVideo}.
 *
 * @throws FaceanimError as {@link openVideo}
 */
export async function probeVideo(path: string): Promise<VideoInfo> {
  return (await openVideo(path)).info;
}

/** Extensions of pictures, for files whose content does not tell. */
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
  throw ffmpegMissing(path, 'pass a folder of PNG frames or an animated WebP or GIF');
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
