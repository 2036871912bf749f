import type { VideoFrame, VideoInfo } from './video';

/** Frames a second of what has no clock: a folder of pictures, a still picture. */
export const framesWithoutClock = 25;

/** The frames `start`, `start + every`, … of a source, at most `limit` of them. */
export interface FrameRange {
  readonly start: number;
  readonly every: number;
  readonly limit: number;
}

/** What a source needs while it decodes. */
export interface ReadHooks {
  readonly signal?: AbortSignal | undefined;
  /** Told what was changed or left out, in a sentence that names the file. */
  readonly onWarning?: ((message: string) => void) | undefined;
}

/** One kind of video: a decoder of Node or of browsers. */
export interface VideoSource {
  readonly info: VideoInfo;
  /** For frames at irregular times: which of them is shown at each tick of `info.fps`. */
  readonly ticks?: readonly number[] | undefined;
  /** Decodes the frames of a range one by one, as they are stored; leaving the loop early frees everything. */
  frames(range: FrameRange, hooks: ReadHooks): AsyncIterable<VideoFrame>;
}

/** The indices of a range that are below `count`. */
export function* indices(range: FrameRange, count: number): Generator<number> {
  const end = Math.min(count, range.start + range.every * range.limit);
  for (let index = range.start; index < end; index += range.every) yield index;
}

/** The frames of a source at the ticks of a constant rate; one that lasts for several ticks is given for each. */
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
  const stored = source.frames({ start: first, every: 1, limit: last - first + 1 }, hooks);
  for await (const { index, image } of stored) {
    for (; ticks[wanted[next]!] === index; next++) {
      yield { index: wanted[next]!, time: wanted[next]! / source.info.fps, image };
    }
  }
}
