import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, open, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { FaceanimError } from '@faceanim/tensor';
import { accepting, checkOptions, type OptionChecks, trueOrFalse } from '@faceanim/tensor/options';
import { forgetTemporary, temporaryName } from './temporary-files';

/** Options of {@link writeAtomically}. */
export interface AtomicWriteOptions {
  /** Whether an existing file may be replaced. Default true. */
  overwrite?: boolean;
}

/** Refuses what is no path, such as nothing at all or a `URL`, which Node takes in some places and not in others. */
export const pathCheck = accepting(
  'the path of a file or folder, as a text',
  (value) => typeof value === 'string' && value !== '' && !value.includes('\0'),
);

/** What these take: a misspelt `overwrite: false` must not replace a file. */
export const atomicWriteChecks: OptionChecks<AtomicWriteOptions> = { overwrite: trueOrFalse };

/**
 * Lets `write` fill a temporary file beside `path`, brings it to the disk and renames it to `path`, so that nobody ever
 * sees half a file, not after a power failure either. When `write` fails the temporary file is removed and `path` stays as
 * it was. A link is followed; a device or pipe is written to when everything is there, and never replaced.
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
  checkOptions('writeAtomically', options, atomicWriteChecks);
  pathCheck(path, 'path');
  const { overwrite = true } = options;
  if (await isStream(path)) return writeThrough(path, write);
  if (!overwrite) await refuseExisting(path);
  const target = await realpath(path).catch(() => path);
  const temporary = temporaryName(target);
  try {
    await makeFolders(dirname(target));
    const result = await write(temporary);
    await flush(temporary, 'r+');
    // Somebody else may have made it in the meantime.
    if (!overwrite) await refuseExisting(path);
    await rename(temporary, target);
    // Keeps the new name, where the system lets folders be flushed (Windows does not).
    await flush(dirname(target), 'r').catch(() => {});
    return result;
  } catch (error) {
    // A temporary file that cannot be removed either must not hide the first error.
    await rm(temporary, { force: true }).catch(() => {});
    throw asWriteError(error, path);
  } finally {
    forgetTemporary(temporary);
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

/** Whether `path` is something that takes bytes and keeps none: a device, a pipe, `/dev/stdout` wherever it leads. */
export async function isStream(path: string): Promise<boolean> {
  const stats = await stat(path).catch(() => undefined);
  if (!stats || stats.isDirectory()) return false;
  return !stats.isFile() || /^\/(dev|proc)\//.test(path);
}

/**
 * Finds out whether {@link writeAtomically} could begin, without writing anything.
 *
 * @throws FaceanimError `io` for a folder, or for a file that may not be replaced
 */
export async function checkFileOutput(path: string, options: AtomicWriteOptions = {}): Promise<void> {
  checkOptions('checkFileOutput', options, atomicWriteChecks);
  pathCheck(path, 'path');
  const { overwrite = true } = options;
  const stats = await stat(path).catch(() => undefined);
  if (stats?.isDirectory()) throw io(`${path} is a folder.`, 'Choose another file name.', path, undefined);
  if (stats && !overwrite && !(await isStream(path))) await refuseExisting(path);
}

/** Writes a whole file first and then pours it into a device or pipe, which cannot be sought in. */
async function writeThrough<T>(path: string, write: (temporary: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'faceanim-'));
  try {
    const whole = join(folder, basename(path));
    const result = await write(whole);
    await pipeline(createReadStream(whole), createWriteStream(path, { flags: 'a' }));
    return result;
  } catch (error) {
    throw asWriteError(error, path);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function flush(path: string, flags: string): Promise<void> {
  const file = await open(path, flags);
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

/**
 * Makes a folder with its parents; one that exists is fine.
 *
 * @throws FaceanimError `io` naming `path`
 */
export async function makeFolder(path: string): Promise<void> {
  pathCheck(path, 'path');
  try {
    await makeFolders(path);
  } catch (error) {
    throw asWriteError(error, path);
  }
}

/** One by one: a recursive `mkdir` of Node never ends in /proc, where nothing can be made. */
async function makeFolders(path: string): Promise<void> {
  const folder = resolve(path);
  const stats = await stat(folder).catch(() => undefined);
  if (stats?.isDirectory()) return;
  if (dirname(folder) !== folder) await makeFolders(dirname(folder));
  await mkdir(folder).catch(async (error) => {
    // Another process may have made it in the meantime.
    const there = await stat(folder).catch(() => undefined);
    if (!there?.isDirectory()) throw error;
  });
}

function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** Throws the typed `io` error when something is at `path`. */
async function refuseExisting(path: string): Promise<void> {
  if (!(await isThere(path))) return;
  throw new FaceanimError('io', `${path} exists already.`, {
    file: path,
    hint: 'Choose another name, or allow it to be overwritten (--overwrite on the command line).',
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
    case 'ENOENT':
      return io(`Nothing can be made at ${path}.`, 'Choose another folder.', path, error);
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
