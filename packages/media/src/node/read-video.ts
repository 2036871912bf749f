import { throwIfAborted } from '@faceanim/tensor/errors';
import { isPicture, kindOf, refuseKind } from '../file-kind';
import { isFolder } from '../files/is-folder';
import type { MediaInput, VideoInput } from '../inputs';
import { checkOpenOptions, checkReadOptions, videoOf } from '../read-frames';
import type { OpenVideoOptions, ReadVideoOptions, Video, VideoFrame, VideoInfo } from '../video';
import type { VideoSource } from '../video-source';
import { ffmpegIsInstalled, ffmpegMissing } from './ffmpeg';
import { bytesOf, headOf, type MediaFile, mediaFile } from './media-file';
import { openAnimation } from './sources/animation';
import { openWithFfmpeg } from './sources/ffmpeg';
import { openFolder } from './sources/folder';

export async function openVideo(source: VideoInput, options: OpenVideoOptions = {}): Promise<Video> {
  checkOpenOptions('openVideo', options);
  return open(source, options);
}

export async function* readVideo(
  source: VideoInput,
  options: ReadVideoOptions = {},
): AsyncGenerator<VideoFrame> {
  checkReadOptions('readVideo', options);
  yield* (await open(source, options)).frames(options);
}

export async function probeVideo(source: VideoInput, options: OpenVideoOptions = {}): Promise<VideoInfo> {
  checkOpenOptions('probeVideo', options);
  return (await open(source, options)).info;
}

async function open(source: VideoInput, { signal }: OpenVideoOptions): Promise<Video> {
  // Refuses a stream, which only browsers have.
  const file = mediaFile(source as MediaInput);
  throwIfAborted(signal);
  const opened = await openSource(file, signal);
  throwIfAborted(signal);
  return videoOf(opened, file.name);
}

/** Extensions of pictures, for files whose content does not tell. */
const pictures = /\.(webp|gif|png|jpe?g|jfif|tiff?|avif)$/i;

async function openSource(file: MediaFile, signal: AbortSignal | undefined): Promise<VideoSource> {
  const { name } = file;
  if ('path' in file && (await isFolder(file.path))) return openFolder(file.path);
  const kind = kindOf(await headOf(file));
  refuseKind(kind, name);
  if (isPicture(kind) || (kind === undefined && pictures.test(name))) {
    return openAnimation(await bytesOf(file), name);
  }
  if (await ffmpegIsInstalled()) return openWithFfmpeg(file, signal);
  throw ffmpegMissing(name, 'pass a folder of PNG frames or an animated WebP or GIF');
}
