import { FaceanimError, hintOnAbort } from '@faceanim/tensor/errors';

/** A run that saves its frames. */
export interface SavedRun {
  readonly name: string;
  /** Number of frames that are saved. */
  readonly finished: number;
  /** Whether it may go on after frames with other settings. */
  readonly resumeChanged: boolean | undefined;
}

/**
 * Says of errors of a run what to do about its saved frames: if they are those of another run, and after an abort. Any other
 * error stays as it is.
 */
export function ofSavedRun(error: unknown, { name, finished, resumeChanged }: SavedRun): unknown {
  if (FaceanimError.isInstance(error, 'aborted') && finished > 0) {
    return hintOnAbort(error, `To go on after the finished frames, start it again with saveAs: '${name}'.`);
  }
  if (!FaceanimError.isInstance(error, 'resume-mismatch')) return error;
  const others = resumeChanged ? '' : 'pass resumeChanged to go on with other settings, ';
  return new FaceanimError('resume-mismatch', `The frames saved as ${name} differ. ${error.message}`, {
    frame: error.frame,
    hint: `Save this run under another name, ${others}or delete them with deleteSavedFrames('${name}').`,
    cause: error,
  });
}
