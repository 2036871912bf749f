import { mkdir, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { pathCheck } from '../path-check';
import { flush } from './flush';
import { asWriteError } from './system-errors';

/**
 * Makes a folder and its parents; an existing one is fine.
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

/** {@link makeFolder} with the system's errors. One by one, as Node's recursive `mkdir` never returns in /proc. */
export async function makeFolders(path: string): Promise<void> {
  const folder = resolve(path);
  const stats = await stat(folder).catch(() => undefined);
  if (stats?.isDirectory()) return;
  if (dirname(folder) !== folder) await makeFolders(dirname(folder));
  await mkdir(folder).catch(async (error) => {
    // Another process may have made it in the meantime.
    const there = await stat(folder).catch(() => undefined);
    if (!there?.isDirectory()) throw error;
  });
  // Files in it would be lost with it in a power failure. Windows cannot flush folders.
  await flush(dirname(folder), 'r').catch(() => {});
}
