import { FaceanimError } from '@faceanim/tensor/errors';
import { advice } from './advice';

/** An error as a visitor reads it. */
export interface Problem {
  /** What happened. */
  readonly what: string;
  /** What to do. */
  readonly advice?: string;
  /** The message for programmers. */
  readonly details?: string;
}

/** An error of the studio itself, whose message is for visitors. */
export class StudioError extends Error {
  constructor(
    what: string,
    readonly advice?: string,
  ) {
    super(what);
  }
}

/** Whether a call ended because it was cancelled, which is no problem. */
export const isCancelled = (error: unknown) => FaceanimError.isInstance(error, 'aborted');

/** Words for anything that was thrown. */
export function problemOf(error: unknown): Problem {
  if (error instanceof StudioError) return { what: error.message, advice: error.advice };
  const details = error instanceof Error ? error.message : String(error);
  const [what, todo] =
    FaceanimError.isInstance(error) && error.code !== 'aborted'
      ? advice[error.code](error)
      : ['Something went wrong.', 'Try it again. If that does not help, please report the details.'];
  return { what, advice: todo, details };
}
