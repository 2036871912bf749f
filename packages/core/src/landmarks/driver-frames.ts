import { FaceanimError, throwIfAborted, timeLeft } from '@faceanim/tensor';
import { iterableOf } from '@faceanim/tensor/options';
import type { RgbImage } from '../contracts/image';
import { anRgbImage } from '../options';
import { frameCheck, type TrackOptions } from './track-options';

/**
 * A frame of a driver as it was read, not aligned: its picture, and its index, which increases from frame to frame.
 *
 * @category Look and driver
 */
export interface PlainFrame {
  readonly index: number;
  readonly image: RgbImage;
}

export const framesCheck = iterableOf('the frames of a driver, e.g. readVideo(file)');

/**
 * The frames of a driver, checked one by one.
 *
 * @throws FaceanimError `media` for frames of different sizes, or if there are none; `invalid-option`; `aborted`.
 */
export async function* driverFrames(
  frames: AsyncIterable<PlainFrame> | Iterable<PlainFrame>,
  { frames: expected, backend, signal, onProgress }: TrackOptions,
): AsyncGenerator<PlainFrame, void, undefined> {
  let first: RgbImage | undefined;
  let position = 0;
  const left = timeLeft(expected);
  for await (const frame of frames) {
    frameCheck(frame, 'A frame of the driver');
    const { index, image } = frame;
    throwIfAborted(signal, { frame: index });
    anRgbImage(image, `image of driver frame ${index}`);
    // The first frame is searched for the face, which takes much longer than following it.
    if (position > 0) left.start(position);
    onProgress?.({ stage: 'track', frame: index, position, frames: expected, ...left.at(position) });
    position++;
    await backend?.activate();
    first ??= image;
    checkSize(index, image, first);
    yield frame;
  }
  if (!first) throw noFrames();
}

/** The error of a driver that is empty. */
export function noFrames(): FaceanimError {
  return new FaceanimError('media', 'The driver has no frames.', {
    hint: 'Pass a driver with at least one frame.',
  });
}

function checkSize(frame: number, image: RgbImage, first: RgbImage): void {
  if (image.width === first.width && image.height === first.height) return;
  const sizes = `${image.width} x ${image.height} instead of ${first.width} x ${first.height}`;
  throw new FaceanimError('media', `Frame ${frame} is ${sizes} pixels.`, {
    frame,
    hint: 'All frames of a driver must have the same size: scale or split the video.',
  });
}
