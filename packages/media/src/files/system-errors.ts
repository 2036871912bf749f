import { FaceanimError, messageOf } from '@faceanim/tensor/errors';

/** Turns a failed read into a typed `io` error that names the file. Any other error is returned as it is. */
export function asReadError(error: unknown, path: string): unknown {
  switch (systemCode(error)) {
    case undefined:
      return error;
    case 'ENOENT':
    case 'ENOTDIR':
      return io(`${path} does not exist.`, 'Check the path.', path, error);
    case 'EACCES':
    case 'EPERM':
      return io(`${path} may not be read.`, 'Check its permissions.', path, error);
    case 'EISDIR':
      return io(`${path} is a folder, not a file.`, 'Pass a file.', path, error);
    default:
      return io(
        `${path} could not be read: ${messageOf(error)}.`,
        'Check the file and its disk.',
        path,
        error,
      );
  }
}

/** Turns a failed write into a typed `io` error that names the file. Any other error is returned as it is. */
export function asWriteError(error: unknown, path: string): unknown {
  switch (systemCode(error)) {
    case undefined:
      return error;
    case 'ENOSPC':
    case 'EDQUOT':
      return io(`No space left to write ${path}.`, 'Free some space or write to another disk.', path, error);
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return io(`${path} may not be written.`, 'Choose a folder you may write to.', path, error);
    case 'ENOENT':
      return io(`${path} cannot be made.`, 'Choose another folder.', path, error);
    case 'ENOTDIR':
    case 'EEXIST':
      return io(
        `${path} cannot be made: a file stands where a folder should.`,
        'Choose another path.',
        path,
        error,
      );
    case 'EISDIR':
    case 'ENOTEMPTY':
      return folderThere(path, error);
    default:
      return io(
        `${path} could not be written: ${messageOf(error)}.`,
        'Check the path and its disk.',
        path,
        error,
      );
  }
}

/** The error for a folder at the path of a file that is to be written. */
export function folderThere(path: string, cause?: unknown): FaceanimError {
  return io(`${path} is a folder.`, 'Choose another file name.', path, cause);
}

function io(message: string, hint: string, file: string, cause: unknown): FaceanimError {
  return new FaceanimError('io', message, { hint, file, cause });
}

/** A code such as `ENOENT`; undefined for errors that are not the system's. */
function systemCode(error: unknown): string | undefined {
  if (FaceanimError.isInstance(error) || !(error instanceof Error)) return undefined;
  return 'syscall' in error || 'errno' in error ? String((error as NodeJS.ErrnoException).code) : undefined;
}
