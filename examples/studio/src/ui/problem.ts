import { FaceanimError } from '@faceanim/tensor/errors';

/** An error as a person reads it: what happened, and what to do. */
export interface Problem {
  readonly message: string;
  readonly hint?: string | undefined;
}

/** Whether a call ended because it was cancelled, which is no problem. */
export const isCancelled = (error: unknown) => FaceanimError.isInstance(error, 'aborted');

/** Words for anything that was thrown. */
export function problemOf(error: unknown): Problem {
  if (FaceanimError.isInstance(error)) return { message: error.message, hint: error.hint };
  if (error instanceof Error) return { message: error.message, hint: (error as Partial<Problem>).hint };
  return { message: String(error) };
}
