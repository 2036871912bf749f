import { kindOf, refuseKind } from '../file-kind';
import { checkReadOptions, videoOf } from '../read-frames';
import type { ReadVideoOptions, Video, VideoFrame, VideoInfo } from '../video';
import type { VideoSource } from '../video-source';
import { blobOf, headOf, type MediaFile, mediaFileCheck, type NamedBlob } from './media-file';
import { openAnimation, openStill } from './sources/animation';

/**
 * Opens a video: `info` has its size, rate and length, and `frames()` reads it, any number of times. It may be a video file
 * (MP4, MOV, WebM, Matroska), an animated WebP, GIF or PNG, or a still picture (one frame). The content decides, not the
 * name. An address is fetched as a whole first. Works in workers too.
 *
 * If a video changes its size, all frames are scaled to that of the first; the browser maps HDR to sRGB, and may darken it.
 *
 * Differs from Node: the browser decodes by WebCodecs, so the codecs are those of the browser, in most H.264, VP8, VP9 and
 * AV1. There are no folders.
 *
 * @throws FaceanimError `io` for an address that cannot be fetched; `media` naming the file for one that is damaged, no
 *   video, or in a codec that this browser does not decode, and for missing WebCodecs; `invalid-option`
 */
export async function openVideo(source: MediaFile): Promise<Video> {
  mediaFileCheck(source, 'source');
  return openBlob(await blobOf(source));
}

/**
 * Reads the frames of a video one by one, in order: `openVideo(source)` and its `frames(options)` in one call.
 *
 * @throws FaceanimError (while iterating) as {@link openVideo} and {@link Video.frames}
 */
export async function* readVideo(
  source: MediaFile,
  options: ReadVideoOptions = {},
): AsyncGenerator<VideoFrame> {
  checkReadOptions('readVideo', options);
  mediaFileCheck(source, 'source');
  const video = await openBlob(await blobOf(source, options.signal));
  yield* video.frames(options);
}

/**
 * Size, rate and length of a video: the `info` of {@link openVideo}.
 *
 * @throws FaceanimError as {@link openVideo}
 */
export async function probeVideo(source: MediaFile): Promise<VideoInfo> {
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
