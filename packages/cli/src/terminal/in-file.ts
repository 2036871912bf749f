import { FaceanimError } from '@faceanim/tensor';

/** An error about a face in a frame of a video, with the name of its file; other errors as they are. */
export function inFile(error: unknown, file: string): unknown {
  if (!FaceanimError.isInstance(error, 'no-face') || error.frame === undefined) return error;
  const { message, frame, hint } = error;
  return new FaceanimError('no-face', `${file}: ${message}`, { file, frame, hint, cause: error });
}

/** Gets warnings of the SDK about a file, and says which flag chooses among several faces, if one does. */
export function warningsOf(
  file: string,
  warn: ((line: string) => void) | undefined,
  faceFlag?: string,
): (message: string) => void {
  return (message) => {
    const choice = faceFlag && / faces\. Face \d+ from the left/.test(message);
    warn?.(`${file}: ${message}${choice ? ` ${faceFlag} chooses another.` : ''}`);
  };
}
