import { stat } from 'node:fs/promises';
import { throwIfAborted } from '@faceanim/tensor/errors';
import { isPicture, kindOf, refuseKind } from '../file-kind';
import { asReadError } from '../files/system-errors';
import type { MediaInput } from '../inputs';
import { checkReadOptions, videoOf } from '../read-frames';
import type { ReadVideoOptions, Video, VideoFrame, VideoInfo } from '../video';
import type { VideoSource } from '../video-source';
import { ffmpegIsInstalled, ffmpegMissing } from './ffmpeg';
import { bytesOf, headOf, type MediaFile, mediaFile } from './media-file';
import { openAnimation } from './sources/animation';
import { openWithFfmpeg } from './sources/ffmpeg';
import { openFolder } from './sources/folder';

export async function openVideo(source: MediaInput): Promise<Video> {
  const file = mediaFile(source);
  return videoOf(await openSource(file), file.name);
}

export async function* readVideo(
  source: MediaInput,
  options: ReadVideoOptions = {},
): AsyncGenerator<VideoFrame> {
  checkReadOptions('readVideo', options);
  throwIfAborted(options.signal);
  yield* (await openVideo(source)).frames(options);
}

export async function probeVideo(source: MediaInput): Promise<VideoInfo> {
  return (await openVideo(source)).info;
}

/** Extensions of pictures, for files whose content does not tell. */
const pictures = /\.(webp|gif|png|jpe?g|jfif|tiff?|avif)$/i;

async function openSource(file: MediaFile): Promise<VideoSource> {
  const { name } = file;
  if ('path' in file && (await isFolder(file.path))) return openFolder(file.path);
  const kind = kindOf(await headOf(file));
  refuseKind(kind, name);
  if (isPicture(kind) || (kind === undefined && pictures.test(name))) {
    return openAnimation(await bytesOf(file), name);
  }
  if (await ffmpegIsInstalled()) return openWithFfmpeg(file);
  throw ffmpegMissing(name, 'pass a folder of PNG frames or an animated WebP or GIF');
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    throw asReadError(error, path);
  }
}
