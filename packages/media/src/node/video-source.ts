import type { RgbImage } from '@faceanim/core';

/** One frame of a driver. */
export interface VideoFrame {
  /** Index among the frames of {@link VideoInfo}, from 0; with `every` it counts the frames that were passed over, too. */
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
  /** Frames a second at which it is read; {@link folderFps} for a folder, which has no clock. */
  readonly fps: number;
  /** Number of frames at that rate, where the source tells. */
  readonly frames?: number;
  /** Whether its frames come at irregular times, so that some are repeated and others left out at a constant rate. */
  readonly variableRate: boolean;
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

/** What happens around reading. */
export interface ReadHooks {
  readonly signal?: AbortSignal | undefined;
  /** Told what was changed or left out, in a sentence that names the file. */
  readonly onWarning?: ((message: string) => void) | undefined;
}

/** An opened source of frames. */
export interface VideoSource {
  readonly info: VideoInfo;
  /** Where frames come at irregular times: which of them is shown at each tick of `info.fps`. */
  readonly ticks?: readonly number[] | undefined;
  /** Decodes the wanted frames one by one, each as often as it is stored; leaving the loop early frees everything. */
  frames(range: FrameRange, hooks: ReadHooks): AsyncIterable<VideoFrame>;
}

/** The wanted indices below `count`. */
export function* indices(range: FrameRange, count: number): Generator<number> {
  const end = Math.min(count, range.start + range.every * range.limit);
  for (let index = range.start; index < end; index += range.every) yield index;
}

/** The frames of a source at the ticks of a constant rate: one that lasts for several ticks is given for each. */
export async function* framesAtTicks(
  source: VideoSource,
  ticks: readonly number[],
  range: FrameRange,
  hooks: ReadHooks,
): AsyncGenerator<VideoFrame> {
  const wanted = [...indices(range, ticks.length)];
  const [first, last] = [ticks[wanted[0]!], ticks[wanted.at(-1)!]];
  if (first === undefined || last === undefined) return;
  let next = 0;
  for await (const { index, image } of source.frames(
    { start: first, every: 1, limit: last - first + 1 },
    hooks,
  )) {
    for (; ticks[wanted[next]!] === index; next++) {
      yield { index: wanted[next]!, time: wanted[next]! / source.info.fps, image };
    }
  }
}
