import type { OnProgress, RgbImage } from '@faceanim/core';
import { anRgbImage } from '@faceanim/core/options';
import { FaceanimError, invalidOption, throwIfAborted } from '@faceanim/tensor/errors';
import {
  accepting,
  aFunction,
  anAbortSignal,
  anything,
  bagOf,
  checkOptions,
  iterableOf,
  numberFrom,
  type OptionChecks,
} from '@faceanim/tensor/options';
import { type WriteFileOptions, writeFileChecks } from './image-output';
import type { MediaInput } from './inputs';
import type { VideoInfo } from './video';
import { framesWithoutClock } from './video-source';

/** Images of one size, at hand or as they are made. */
export type ImageStream = AsyncIterable<RgbImage> | Iterable<RgbImage>;

/** The sound of a video to write. */
export interface AudioOptions {
  /** A file with sound, such as the driver. The first of its sound tracks is taken. */
  source: MediaInput;
  /** The moment of the source, in seconds from its first frame, at which the video starts. Default 0. */
  start?: number;
}

/** Options of {@link writeVideo}. Either `fps` or `times` is required. */
export interface WriteVideoOptions extends WriteFileOptions {
  /** Frames per second, above 0 and at most 1000. A folder of frames does not record it. */
  fps?: number;
  /**
   * For frames at irregular times, instead of `fps`: when each starts, in seconds, rising from 0. There may be more times
   * than frames. The one after the last frame is the end of the sound and of animated pictures; without it, the last frame is
   * shown as long as the one before.
   */
  times?: readonly number[];
  /**
   * The sound, in sync and no longer than the frames. It is copied as it is if the container takes its codec and it is
   * taken from its start; else it is encoded again, as AAC or Opus, in at most two channels. Pictures and folders have no
   * sound. Sound that is left out or damaged gives a warning, and the video is written without.
   */
  audio?: AudioOptions;
  /** Stops between two frames; the promise rejects with `aborted`. */
  signal?: AbortSignal;
  /** Called after each frame: stage `write`, `frame` from 0. */
  onProgress?: OnProgress;
  /** Called if the sound is left out, with the reason. */
  onWarning?: (message: string) => void;
}

/** What {@link writeVideo} has written. */
export interface WrittenVideo {
  /** The path that was asked for; in browsers a name to download it by. */
  readonly path: string;
  /** Number of frames in it. */
  readonly frames: number;
  /** A folder of frames, an animated picture or a video file. */
  readonly kind: VideoInfo['kind'];
  /**
   * The encoded video.
   *
   * @throws FaceanimError `media` for a folder, device or pipe; `io` if the file is gone
   */
  blob(): Promise<Blob>;
}

const writeVideoChecks: OptionChecks<WriteVideoOptions> = {
  ...writeFileChecks,
  fps: accepting(
    'a number above 0 and at most 1000',
    (value) => typeof value === 'number' && value > 0 && value <= 1000,
  ),
  times: accepting('a list of seconds, rising from 0', isRising),
  // What it may be depends on where it is read.
  audio: bagOf<AudioOptions>({ source: anything, start: numberFrom(0) }, 'source'),
  signal: anAbortSignal,
  onProgress: aFunction,
  onWarning: aFunction,
};

function isRising(value: unknown): boolean {
  if (!Array.isArray(value) || value[0] !== 0) return false;
  return value.every((time, i) => Number.isFinite(time) && (i === 0 || time > value[i - 1]));
}

/** @throws FaceanimError `invalid-option` */
export function checkWriteOptions(call: string, options: WriteVideoOptions): void {
  const timed = options?.times !== undefined;
  checkOptions(call, options, writeVideoChecks, { required: timed ? ['times'] : ['fps'] });
  if (!timed || options.fps === undefined) return;
  throw new FaceanimError('invalid-option', 'fps and times exclude each other.', {
    hint: 'Pass fps for frames at a constant rate, times for any other.',
  });
}

/** When frame `index` starts, in seconds; that of the frame after the last is the length of the video. */
export function frameStarts({ fps, times }: WriteVideoOptions): (index: number) => number {
  if (!times) return (index) => index / fps!;
  const last = times.length - 1;
  const usual = last > 0 ? times[last]! - times[last - 1]! : 1 / framesWithoutClock;
  return (index) => times[index] ?? times[last]! + (index - last) * usual;
}

/** How long to show frame `index`, in whole milliseconds, rounded so that the errors do not add up. */
export function frameDelay(index: number, startOf: (index: number) => number): number {
  const at = (i: number) => Math.round(startOf(i) * 1000);
  return at(index + 1) - at(index);
}

export const framesCheck = iterableOf('a list or stream of images, e.g. render(latents, generator)');

/**
 * Passes frames on and reports progress; `name` is what errors call the video.
 *
 * @throws FaceanimError (while iterating) `invalid-option` for one that is no RGB image; `media` when they differ in size or
 *   there are none; `aborted`
 */
export async function* checkedFrames(
  frames: ImageStream,
  name: string,
  { times, signal, onProgress }: Pick<WriteVideoOptions, 'times' | 'signal' | 'onProgress'>,
): AsyncGenerator<RgbImage> {
  let first: RgbImage | undefined;
  let count = 0;
  for await (const frame of frames) {
    throwIfAborted(signal, { frame: count });
    anRgbImage(frame, `Frame ${count} for ${name}`);
    if (times && count >= times.length) throw invalidOption('times', `${count} times`, 'one for each frame');
    const { width, height } = first ?? frame;
    first ??= frame;
    if (frame.width !== width || frame.height !== height) {
      const sizes = `${frame.width}x${frame.height}, those before ${width}x${height}`;
      throw new FaceanimError('media', `Frame ${count} for ${name} has ${sizes}.`, {
        file: name,
        frame: count,
        hint: 'Scale all frames to one size first.',
      });
    }
    yield frame;
    onProgress?.({ stage: 'write', frame: count });
    count++;
  }
  throwIfAborted(signal, { frame: count });
  if (first) return;
  throw new FaceanimError('media', `There are no frames to write to ${name}.`, {
    file: name,
    hint: 'Check the driver and its start, every and limit.',
  });
}
