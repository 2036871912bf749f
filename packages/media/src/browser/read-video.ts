import { throwIfAborted } from '@faceanim/tensor/errors';
import { kindOf, refuseKind } from '../file-kind';
import type { MediaInput, VideoInput } from '../inputs';
import { checkOpenOptions, checkReadOptions, videoOf } from '../read-frames';
import type { OpenVideoOptions, ReadVideoOptions, Video, VideoFrame, VideoInfo } from '../video';
import type { VideoSource } from '../video-source';
import { blobOf, headOf, isStream, type NamedBlob, shownBy, videoCheck } from './named-blob';
import { openAnimation, openStill } from './sources/animation';
import { openStream, streamName } from './sources/stream';

export async function openVideo(source: VideoInput, options: OpenVideoOptions = {}): Promise<Video> {
  checkOpenOptions('openVideo', options);
  return open(source, options);
}

export async function* readVideo(
  source: VideoInput,
  options: ReadVideoOptions = {},
): AsyncGenerator<VideoFrame> {
  checkReadOptions('readVideo', options);
  const video = await open(source, options);
  yield* video.frames(options);
}

export async function probeVideo(source: VideoInput, options: OpenVideoOptions = {}): Promise<VideoInfo> {
  checkOpenOptions('probeVideo', options);
  return (await open(source, options)).info;
}

async function open(given: VideoInput, { signal }: OpenVideoOptions): Promise<Video> {
  const source = shownBy(given);
  videoCheck(source, 'source');
  throwIfAborted(signal);
  if (isStream(source)) return videoOf(await openStream(source, signal), streamName);
  const file = await blobOf(source as MediaInput, signal);
  const opened = await openSource(file, signal);
  throwIfAborted(signal);
  return videoOf(opened, file.name);
}

async function openSource(file: NamedBlob, signal: AbortSignal | undefined): Promise<VideoSource> {
  const kind = kindOf(await headOf(file.blob));
  if (kind === 'gif' || kind === 'webp' || kind === 'apng') {
    return openAnimation(file, `image/${kind}`, signal);
  }
  if (kind !== undefined && kind !== 'playlist' && kind !== 'empty') return openStill(file);
  refuseKind(kind, file.name);
  return (await import('./sources/video-file')).openVideoFile(file, signal);
}
