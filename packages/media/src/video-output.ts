import type { OnProgress, RgbImage } from '@faceanim/core';
import { anRgbImage } from '@faceanim/core/options';
import { FaceanimError, throwIfAborted } from '@faceanim/tensor/errors';
import { accepting, aFunction, anAbortSignal, iterableOf, type OptionChecks } from '@faceanim/tensor/options';
import { type WriteOptions, writeChecks } from './image-output';
import type { VideoInfo } from './video';

/** Images of one size, at hand or as they are made. */
export type ImageStream = AsyncIterable<RgbImage> | Iterable<RgbImage>;

/** Options of {@link writeVideo}. */
export interface WriteVideoOptions extends WriteOptions {
  /** Frames per second, above 0 and at most 1000. A folder of frames does not record it. */
  fps: number;
  /** Stops between two frames; the promise rejects with `aborted`. */
  signal?: AbortSignal;
  /** Called after each frame: stage `write`, `frame` from 0. */
  onProgress?: OnProgress;
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

export const writeVideoChecks: OptionChecks<WriteVideoOptions> = {
  ...writeChecks,
  fps: accepting(
    'a number above 0 and at most 1000',
    (value) => typeof value === 'number' && value > 0 && value <= 1000,
  ),
  signal: anAbortSignal,
  onProgress: aFunction,
};

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
  { signal, onProgress }: Pick<WriteVideoOptions, 'signal' | 'onProgress'>,
): AsyncGenerator<RgbImage> {
  let first: RgbImage | undefined;
  let count = 0;
  for await (const frame of frames) {
    throwIfAborted(signal, { frame: count });
    anRgbImage(frame, `Frame ${count} for ${name}`);
    first ??= frame;
    if (frame.width !== first.width || frame.height !== first.height) {
      const sizes = `${frame.width}x${frame.height}, those before ${first.width}x${first.height}`;
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
