import { FaceanimError } from '@faceanim/tensor/errors';

/**
 * Says of errors of a run with saved frames what to do about these: of frames of another run, and of an abort after which the run
 * can go on. Any other error stays as it is.
 */
export function ofSavedRun(error: unknown, name: string, changed: boolean | undefined): unknown {
  if (FaceanimError.isInstance(error, 'aborted') && error.hint) return goesOn(error, name);
  if (!FaceanimError.isInstance(error, 'resume-mismatch')) return error;
  const others = changed ? '' : 'pass resumeChanged to go on with other settings, ';
  return new FaceanimError('resume-mismatch', `The frames saved as ${name} differ. ${error.message}`, {
    frame: error.frame,
    hint: `Save this run under another name, ${others}or delete them with deleteSavedFrames('${name}').`,
    cause: error,
  });
}

function goesOn({ message, file, frame, step, cause }: FaceanimError, name: string): FaceanimError {
  return new FaceanimError('aborted', message, {
    ...{ file, frame, step, cause },
    hint: `To go on after the finished frames, start it again with saveAs: '${name}'.`,
  });
}
