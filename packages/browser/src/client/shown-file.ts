import { FaceanimError } from '@faceanim/tensor/errors';

/**
 * The address of the file that a video element shows, which a worker can read. Anything but an element or a stream stays as it is.
 *
 * @throws FaceanimError `invalid-option` for a stream, and for an element that shows one or nothing
 */
export function shownFile(driver: unknown): unknown {
  const isElement = typeof HTMLVideoElement !== 'undefined' && driver instanceof HTMLVideoElement;
  const shown = isElement ? (driver.srcObject ?? (driver.currentSrc || driver.src)) : driver;
  if (typeof MediaStream !== 'undefined' && shown instanceof MediaStream) {
    throw new FaceanimError('invalid-option', 'driver is a stream, which has no end to track it to.', {
      hint: 'Record it with MediaRecorder, and pass the Blob. To follow a camera live, use openLive() of @faceanim/core.',
    });
  }
  if (shown === '') {
    throw new FaceanimError('invalid-option', 'driver is a video element without a source.', {
      hint: 'Set its src first, or pass the file or its address.',
    });
  }
  return shown;
}
