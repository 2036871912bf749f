import {
  FaceanimError,
  type FaceanimErrorCode,
  fromWire,
  toWire,
  type WireError,
} from '@faceanim/tensor/errors';

/** Whether another try, perhaps on another machine, may succeed where this failed. */
const passing: Readonly<Record<FaceanimErrorCode, boolean>> = {
  // Somebody wanted it to end.
  aborted: false,
  'backend-unavailable': true,
  'checkpoint-corrupt': false,
  crashed: true,
  'device-lost': true,
  // The same steps diverge again.
  diverged: false,
  'in-use': true,
  'invalid-option': false,
  // A full disk, a folder that is gone for a moment.
  io: true,
  media: false,
  'no-face': false,
  'out-of-memory': true,
  'resume-mismatch': false,
  'too-large': false,
  'weights-mismatch': false,
};

/**
 * Whether an error is worth another try: a lost device, a crash, a full disk may pass; faults of the input do not. An error
 * without a code may.
 */
export function mayPass(error: unknown): boolean {
  return FaceanimError.isInstance(error) ? passing[error.code] : true;
}

/** An error as the text that the queue keeps. */
export function errorText(error: unknown): string {
  return JSON.stringify(toWire(error));
}

/** The error of {@link errorText}. BullMQ has reasons of its own: then the worker died, again and again. */
export function errorOf(text: string): Error {
  try {
    return fromWire(JSON.parse(text) as WireError);
  } catch {
    const died = /stalled/.test(text);
    return new FaceanimError('crashed', died ? 'Its worker was killed, each time that it was tried.' : text, {
      hint: died ? 'Does it need more memory than the machine has? Retry it on a larger one.' : undefined,
    });
  }
}
