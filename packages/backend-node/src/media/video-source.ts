import type { RgbImage } from '@faceanim/core';

/** One frame of a driver. */
export interface VideoFrame {
  /** Index in the source, from 0; with `every` it counts the frames that were passed over, too. */
  readonly index: number;
  /** Seconds from the start of the source. */
  readonly time: number;
  /** The picture. */
  readonly image: RgbImage;
}

/** What a source of frames is made of. */
export interface VideoInfo {
  /** Width of its frames in pixels, as they are shown (turned upright, square pixels). */
  readonly width: number;
  /** Height of its frames in pixels. */
  readonly height: number;
  /** Frames a second; {@link folderFps} for a folder, which has no clock. */
  readonly fps: number;
  /** Number of frames, where the source tells. */
  readonly frames?: number;
  /** A folder of pictures, an animated (or still) picture, or a video file. */
  readonly kind: 'folder' | 'animation' | 'video';
}

/** Frames per second that a folder of pictures is taken to have. */
export const folderFps = 25;

/** Which frames of a source are wanted: `start`, `start + every`, … at most `limit` of them. */
export interface FrameRange {
  readonly start: number;
  readonly every: number;
  readonly limit: number;
}

/** An opened source of frames. */
export interface VideoSource {
  readonly info: VideoInfo;
  /** Decodes the wanted frames one by one; leaving the loop early frees everything. */
  frames(range: FrameRange, signal?: AbortSignal): AsyncIterable<VideoFrame>;
}

/** The wanted indices below `count`. */
export function* indices(range: FrameRange, count: number): Generator<number> {
  const end = Math.min(count, range.start + range.every * range.limit);
  for (let index = range.start; index < end; index += range.every) yield index;
}
