import { FaceanimError, type FaceanimErrorCode } from '@faceanim/tensor/errors';
import type { Context } from 'hono';

/** Codes that are the fault of the request. */
const statuses: Partial<Record<FaceanimErrorCode, 413 | 422>> = {
  'checkpoint-corrupt': 422,
  'invalid-option': 422,
  media: 422,
  'no-face': 422,
  'too-large': 413,
};

/** An error as clients see it. Messages name files of the job by what the client called them. */
export function problemOf(error: Error) {
  if (!FaceanimError.isInstance(error)) return { code: 'internal', message: 'Something went wrong.' };
  const { code, message, hint, frame } = error;
  return { code, message, hint, frame };
}

/** Answers a request that has failed. */
export function answerError(error: Error, c: Context): Response {
  if (FaceanimError.isInstance(error, 'invalid-option') && /^There is no job/.test(error.message))
    return c.json(problemOf(error), 404);
  const status = FaceanimError.isInstance(error) ? statuses[error.code] : undefined;
  if (!status) console.error(error);
  return c.json(problemOf(error), status ?? 500);
}
