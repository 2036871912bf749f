import { FaceanimError } from '@faceanim/tensor';

/** The FaceanimError that a call throws. */
export function failure(build: () => unknown): FaceanimError {
  try {
    build();
  } catch (error) {
    if (FaceanimError.isInstance(error)) return error;
    throw error;
  }
  throw new Error('Nothing was thrown.');
}
