import { FaceanimError } from '@faceanim/tensor/errors';

/**
 * The address of the file that a video element shows, which a worker can read. Anything but an element or a stream stays as it is.
 *
 * @throws FaceanimError `invalid-option` for a stream, and for an element that shows one or nothing
 */
export function shownFile(input: unknown, name: string): unknown {
  const isElement = typeof HTMLVideoElement !== 'undefined' && input instanceof HTMLVideoElement;
  const shown = isElement ? (input.srcObject ?? addressOf(input)) : input;
  if (typeof MediaStream !== 'undefined' && shown instanceof MediaStream) {
    throw new FaceanimError('invalid-option', `${name} is a stream, which has no end.`, {
      hint: 'Record it with MediaRecorder, and pass the Blob. To follow a camera live, use openLive() of @faceanim/core.',
    });
  }
  if (shown === '') {
    throw new FaceanimError('invalid-option', `${name} is a video element without a source.`, {
      hint: 'Set its src first, or pass the file or its address.',
    });
  }
  return shown;
}

/** The browser takes a moment to choose among the sources of an element. */
function addressOf(video: HTMLVideoElement): string {
  return video.currentSrc || video.src || (video.querySelector('source')?.src ?? '');
}
