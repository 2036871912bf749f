import { FaceanimError, type FaceanimErrorCode } from '@faceanim/tensor';
import { hintFor } from './hints';
import { printable } from './printable';

/** Exit codes of the command. */
export const exitCodes = {
  ok: 0,
  /** Something other than the input failed: a backend, a bug. */
  failure: 1,
  /** Bad options. */
  usage: 2,
  /** A file, picture, video or checkpoint cannot be read, used or written. */
  input: 3,
  /** The run diverged. */
  diverged: 4,
  /** Ctrl-C. */
  aborted: 130,
} as const;

const byCode: Record<FaceanimErrorCode, number> = {
  aborted: exitCodes.aborted,
  'backend-unavailable': exitCodes.failure,
  'checkpoint-corrupt': exitCodes.input,
  crashed: exitCodes.failure,
  'device-lost': exitCodes.failure,
  diverged: exitCodes.diverged,
  'in-use': exitCodes.input,
  'invalid-option': exitCodes.usage,
  io: exitCodes.input,
  media: exitCodes.input,
  'no-face': exitCodes.input,
  'out-of-memory': exitCodes.failure,
  'resume-mismatch': exitCodes.usage,
  'too-large': exitCodes.input,
  'weights-mismatch': exitCodes.input,
};

/** The exit code of an error and the text for the user, made safe to print. */
export function explain(error: unknown): { code: number; text: string } {
  // The user knows why, and was told what is kept.
  if (FaceanimError.isInstance(error, 'aborted')) return { code: exitCodes.aborted, text: 'Stopped.' };
  if (FaceanimError.isInstance(error)) {
    const hint = hintFor(error);
    // Progress counts frames from 1. Errors count from 0, like `--start` and the SDK.
    const counted = error.frame === undefined ? '' : ' (Driver frames are counted from 0.)';
    return {
      code: byCode[error.code],
      text: `error: ${printable(error.message)}${counted}${hint ? `\n  ${printable(hint)}` : ''}`,
    };
  }
  return {
    code: exitCodes.failure,
    text: (error instanceof Error ? (error.stack ?? error.message) : String(error))
      .split('\n')
      .map(printable)
      .join('\n'),
  };
}
