import { FaceanimError } from '@faceanim/tensor/errors';

/** An error that saved frames belong to another run says what to do about them; any other stays as it is. */
export function ofSavedRun(error: unknown, name: string, changed: boolean | undefined): unknown {
  if (!FaceanimError.isInstance(error, 'resume-mismatch')) return error;
  const others = changed ? '' : 'pass resumeChanged to go on with other settings, ';
  return new FaceanimError('resume-mismatch', `The frames saved as ${name} differ. ${error.message}`, {
    frame: error.frame,
    hint: `Save this run under another name, ${others}or delete them with deleteSavedFrames('${name}').`,
    cause: error,
  });
}
