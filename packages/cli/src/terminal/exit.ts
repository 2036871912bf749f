import { FaceanimError, type FaceanimErrorCode } from '@faceanim/tensor';
import { printable } from './printable';

/** Exit codes of the command. */
export const exitCodes = {
  ok: 0,
  /** Something failed that is nobody's input: a backend, a bug. */
  failure: 1,
  /** The options do not fit. */
  usage: 2,
  /** A file, a picture, a video or a checkpoint cannot be read, used or written. */
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
  'device-lost': exitCodes.failure,
  diverged: exitCodes.diverged,
  'invalid-option': exitCodes.usage,
  io: exitCodes.input,
  media: exitCodes.input,
  'no-face': exitCodes.input,
  'out-of-memory': exitCodes.failure,
  'resume-mismatch': exitCodes.usage,
  'weights-mismatch': exitCodes.input,
};

/** The exit code of an error, and what the user is told: it may quote names out of a hostile file. */
export function explain(error: unknown): { code: number; text: string } {
  // Whoever pressed Ctrl-C knows why; what was kept has been said.
  if (FaceanimError.isInstance(error, 'aborted')) return { code: exitCodes.aborted, text: 'Stopped.' };
  if (FaceanimError.isInstance(error)) {
    // Progress counts frames from 1; errors name them as `--start` and the SDK do.
    const counted = error.frame === undefined ? '' : ' (Driver frames are counted from 0.)';
    return {
      code: byCode[error.code],
      text: `error: ${printable(error.message)}${counted}${error.hint ? `\n  ${printable(error.hint)}` : ''}`,
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
