import { FaceanimError, throwIfAborted } from '@faceanim/tensor/errors';
import {
  accepting,
  aFunction,
  anAbortSignal,
  checkOptions,
  type OptionChecks,
  oneOf,
  wholeNumberFrom,
} from '@faceanim/tensor/options';
import type { OpenVideoOptions, ReadVideoOptions, Video, VideoFrame } from './video';
import { framesAtTicks, type VideoSource } from './video-source';

const checks: OptionChecks<ReadVideoOptions> = {
  start: wholeNumberFrom(0),
  every: wholeNumberFrom(1),
  limit: accepting(
    'a whole number from 1',
    (value) => value === Number.POSITIVE_INFINITY || (Number.isInteger(value) && (value as number) >= 1),
  ),
  timing: oneOf('constant', 'source'),
  signal: anAbortSignal,
  onWarning: aFunction,
};

const openChecks: OptionChecks<OpenVideoOptions> = { signal: anAbortSignal };

/** @throws FaceanimError `invalid-option` */
export function checkOpenOptions(call: string, options: OpenVideoOptions): void {
  checkOptions(call, options, openChecks);
}

/** @throws FaceanimError `invalid-option` */
export function checkReadOptions(call: string, options: ReadVideoOptions): void {
  checkOptions(call, options, checks);
}

/** A source as users see it; `name` is what errors call it. */
export function videoOf(source: VideoSource, name: string): Video {
  return {
    info: source.info,
    async *frames(options = {}) {
      checkReadOptions('frames', options);
      yield* readFrames(source, name, options);
    },
  };
}

/** The frames that the options ask for. A source whose frames differ in size, or that has none of them, is an error. */
async function* readFrames(
  source: VideoSource,
  name: string,
  options: ReadVideoOptions,
): AsyncGenerator<VideoFrame> {
  const { start = 0, every = 1, limit = Number.POSITIVE_INFINITY, timing = 'constant', signal } = options;
  const { width, height, frames: available } = source.info;
  throwIfAborted(signal);
  const range = { start, every, limit };
  const frames =
    timing === 'constant' && source.ticks
      ? framesAtTicks(source, source.ticks, range, options)
      : source.frames(range, options);
  let count = 0;
  for await (const frame of frames) {
    throwIfAborted(signal, { frame: frame.index });
    if (frame.image.width !== width || frame.image.height !== height) {
      const sizes = `${frame.image.width}x${frame.image.height}, those before ${width}x${height}`;
      throw new FaceanimError('media', `Frame ${frame.index} of ${name} has ${sizes}.`, {
        file: name,
        frame: frame.index,
        hint: 'Scale all frames to one size first.',
      });
    }
    yield frame;
    count++;
  }
  if (count > 0) return;
  const has = available === undefined ? 'no frames' : `${available} frames`;
  throw new FaceanimError('media', `${name} has ${has}, none at ${start} or later.`, {
    file: name,
    hint: 'Pass a clip with frames, or a smaller start.',
  });
}
