import { kindOf, refuseKind } from '../file-kind';
import type { MediaInput } from '../inputs';
import { checkReadOptions, videoOf } from '../read-frames';
import type { ReadVideoOptions, Video, VideoFrame, VideoInfo } from '../video';
import type { VideoSource } from '../video-source';
import { blobOf, headOf, mediaCheck, type NamedBlob } from './named-blob';
import { openAnimation, openStill } from './sources/animation';

export async function openVideo(source: MediaInput): Promise<Video> {
  mediaCheck(source, 'source');
  return openBlob(await blobOf(source));
}

export async function* readVideo(
  source: MediaInput,
  options: ReadVideoOptions = {},
): AsyncGenerator<VideoFrame> {
  checkReadOptions('readVideo', options);
  mediaCheck(source, 'source');
  const video = await openBlob(await blobOf(source, options.signal));
  yield* video.frames(options);
}

export async function probeVideo(source: MediaInput): Promise<VideoInfo> {
  return (await openVideo(source)).info;
}

async function openBlob(file: NamedBlob): Promise<Video> {
  return videoOf(await openSource(file), file.name);
}

async function openSource(file: NamedBlob): Promise<VideoSource> {
  const kind = kindOf(await headOf(file.blob));
  if (kind === 'gif' || kind === 'webp' || kind === 'apng') return openAnimation(file, `image/${kind}`);
  if (kind !== undefined && kind !== 'playlist') return openStill(file);
  refuseKind(kind, file.name);
  return (await import('./sources/video-file')).openVideoFile(file);
}
