import { randomBytes } from 'node:crypto';
import { mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { FaceanimError } from '@faceanim/core';

/** Options of {@link writeAtomically}. */
export interface AtomicWriteOptions {
  /** Whether an existing file may be replaced. Default true. */
  overwrite?: boolean;
}

/**
 * Lets `write` fill a temporary file beside `path` and renames it to `path` when it is done, so that nobody ever
 * sees half a file. When `write` fails the temporary file is removed and `path` stays as it was.
 *
 * The temporary name keeps the extension of `path`; missing folders are made.
 *
 * @returns what `write` returned
 * @throws FaceanimError `io` naming `path` (full disk, no permission, already there); what `write` throws
 */
export async function writeAtomically<T>(
  path: string,
  write: (temporary: string) => Promise<T>,
  options: AtomicWriteOptions = {},
): Promise<T> {
  if (options.overwrite === false) await refuseExisting(path);
  const extension = extname(path);
  const name = `.${basename(path, extension)}.${process.pid}-${randomBytes(4).toString('hex')}.tmp${extension}`;
  const temporary = join(dirname(path), name);
  try {
    await mkdir(dirname(path), { recursive: true });
    const result = await write(temporary);
    await rename(temporary, path);
    return result;
  } catch (error) {
    // A temporary file that cannot be removed either must not hide the first error.
    await rm(temporary, { force: true }).catch(() => {});
    throw asWriteError(error, path);
  }
}

/**
 * Writes a small file as a whole or not at all.
 *
 * @throws FaceanimError `io` naming `path`
 */
export function writeFileAtomic(
  path: string,
  data: string | Uint8Array,
  options?: AtomicWriteOptions,
): Promise<void> {
  return writeAtomically(path, (temporary) => writeFile(temporary, data), options);
}

/**
 * Makes a folder with its parents; one that exists is fine.
 *
 * @throws FaceanimError `io` naming `path`
 */
export async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true });
  } catch (error) {
    throw asWriteError(error, path);
  }
}

/** Throws the typed `io` error when something is at `path`. */
export async function refuseExisting(path: string): Promise<void> {
  const there = await stat(path).then(
    () => true,
    () => false,
  );
  if (!there) return;
  throw new FaceanimError('io', `${path} exists already.`, {
    file: path,
    hint: 'Choose another name, or allow it to be overwritten.',
  });
}

/** A failed read as a typed `io` error that names the file; typed errors pass through. */
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

/** A failed write as a typed `io` error that names the file; typed errors pass through. */
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
      return io(`${path} is a folder.`, 'Choose another file name.', path, error);
    default:
      return io(
        `${path} could not be written: ${messageOf(error)}.`,
        'Check the path and its disk.',
        path,
        error,
      );
  }
}

function io(message: string, hint: string, file: string, cause: unknown): FaceanimError {
  return new FaceanimError('io', message, { hint, file, cause });
}

/** `ENOENT` and the like; undefined for errors that do not come from the system. */
function systemCode(error: unknown): string | undefined {
  if (FaceanimError.isInstance(error) || !(error instanceof Error)) return undefined;
  return 'syscall' in error || 'errno' in error ? String((error as NodeJS.ErrnoException).code) : undefined;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
