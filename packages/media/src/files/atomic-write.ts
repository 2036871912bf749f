import { createReadStream, createWriteStream } from 'node:fs';
import { link, mkdtemp, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { FaceanimError } from '@faceanim/tensor/errors';
import { checkOptions } from '@faceanim/tensor/options';
import { type WriteFileOptions, type WriteOptions, writeChecks, writeFileChecks } from '../image-output';
import { pathCheck } from '../path-check';
import { flush } from './flush';
import { makeFolders } from './make-folder';
import { asWriteError, folderThere } from './system-errors';
import { forgetTemporary, temporaryName } from './temporary-files';

/**
 * Writes a file whole or not at all: `write` fills a temporary file beside `path`, which is flushed to disk and then
 * renamed, so that nobody ever sees half a file, even after a power failure. If `write` fails, the temporary file is
 * removed and `path` stays as it was. Links are followed. A device or pipe gets the finished file and is never replaced.
 *
 * The temporary name has the extension of `path`. Missing folders are made.
 *
 * @returns what `write` returned
 * @throws FaceanimError `io` naming `path` (full disk, no permission, file exists); what `write` throws
 */
export async function writeAtomically<T>(
  path: string,
  write: (temporary: string) => Promise<T>,
  options: WriteFileOptions = {},
): Promise<T> {
  checkOptions('writeAtomically', options, writeFileChecks);
  pathCheck(path, 'path');
  const { overwrite = true, beforeRename } = options;
  if (await isStream(path)) return writeThrough(path, write);
  if (!overwrite) await refuseExisting(path);
  const target = await realpath(path).catch(() => path);
  const temporary = temporaryName(target);
  try {
    await makeFolders(dirname(target));
    const result = await write(temporary);
    await flush(temporary, 'r+');
    await beforeRename?.(temporary);
    if (overwrite) await rename(temporary, target);
    else await giveFreeName(temporary, target, path);
    // Makes the new name last, where the system can flush folders (Windows cannot).
    await flush(dirname(target), 'r').catch(() => {});
    return result;
  } catch (error) {
    // The first error is the one to report, even if this fails too.
    await rm(temporary, { force: true }).catch(() => {});
    throw asWriteError(error, path);
  } finally {
    forgetTemporary(temporary);
  }
}

/**
 * Writes a text or bytes whole or not at all, as {@link writeAtomically} does.
 *
 * @throws FaceanimError `io` naming `path`
 */
export function writeFileAtomic(
  path: string,
  data: string | Uint8Array,
  options?: WriteFileOptions,
): Promise<void> {
  return writeAtomically(path, (temporary) => writeFile(temporary, data), options);
}

/** Whether `path` is a device or a pipe, which take bytes and keep none. `/dev/stdout` is one wherever it leads. */
export async function isStream(path: string): Promise<boolean> {
  const stats = await stat(path).catch(() => undefined);
  if (!stats || stats.isDirectory()) return false;
  return !stats.isFile() || /^\/(dev|proc)\//.test(path);
}

/**
 * Checks that {@link writeAtomically} could start, without writing anything.
 *
 * @throws FaceanimError `io` for a folder, or a file that may not be replaced
 */
export async function checkFileOutput(path: string, options: WriteOptions = {}): Promise<void> {
  checkOptions('checkFileOutput', options, writeChecks);
  pathCheck(path, 'path');
  const { overwrite = true } = options;
  const stats = await stat(path).catch(() => undefined);
  if (stats?.isDirectory()) throw folderThere(path);
  if (stats && !overwrite && !(await isStream(path))) await refuseExisting(path);
}

/** Copies a finished file into a device or pipe, as writers may need to seek. */
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

/**
 * Gives a finished file its name, which another program may have taken in the meantime: unlike a rename, a link replaces
 * nothing.
 */
async function giveFreeName(temporary: string, target: string, path: string): Promise<void> {
  try {
    await link(temporary, target);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw exists(path);
    // The disk has no links, such as FAT.
    await refuseExisting(path);
    await rename(temporary, target);
    return;
  }
  // It is complete, even if this fails.
  await rm(temporary, { force: true }).catch(() => {});
}

/** @throws FaceanimError `io` if there is anything at `path` */
async function refuseExisting(path: string): Promise<void> {
  if (await stat(path).catch(() => undefined)) throw exists(path);
}

function exists(path: string): FaceanimError {
  return new FaceanimError('io', `${path} exists already.`, {
    file: path,
    hint: 'Choose another name, or pass overwrite: true.',
  });
}
