import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { FaceanimError } from '@faceanim/tensor';

/** A path that a command reads or writes, and its name for the user: `--out`, `the contact sheet`. */
export interface NamedPath {
  readonly name: string;
  readonly path: string;
}

/** The flags that are given, with their paths. */
export function namedPaths(flags: Readonly<Record<string, string | undefined>>): NamedPath[] {
  return Object.entries(flags).flatMap(([name, path]) => (path === undefined ? [] : [{ name, path }]));
}

/**
 * Refuses inputs that cannot be read, before anything expensive is done. Devices and pipes, too: they can be read only once,
 * if they end at all.
 *
 * @param folders Names of the inputs that may be folders.
 * @throws {FaceanimError} `io` naming the flag and the file.
 */
export async function checkInputs(
  inputs: readonly NamedPath[],
  folders: readonly string[] = [],
): Promise<void> {
  for (const { name, path } of inputs) {
    try {
      await access(path, constants.R_OK);
    } catch (cause) {
      const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
      throw new FaceanimError('io', `${name} ${path} ${missing ? 'does not exist' : 'cannot be read'}.`, {
        file: path,
        cause,
        hint: missing ? 'Check the path.' : 'Check its permissions.',
      });
    }
    const stats = await stat(path);
    if (stats.isFile() || (stats.isDirectory() && folders.includes(name))) continue;
    if (stats.isDirectory()) {
      throw new FaceanimError('io', `${name} ${path} is a folder, not a file.`, {
        file: path,
        hint: 'Pass one of the files in it.',
      });
    }
    throw new FaceanimError('io', `${name} ${path} is a device or a pipe.`, {
      file: path,
      hint: 'Save its content as a file, and pass that.',
    });
  }
}
