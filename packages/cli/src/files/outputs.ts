import { constants } from 'node:fs';
import { access, stat, statfs } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import {
  type AtomicWriteOptions,
  asWriteError,
  checkFileOutput,
  isStream,
  writeFileAtomic,
} from '@faceanim/media/files';
import { FaceanimError } from '@faceanim/tensor';
import { relation } from './paths';

/** A path that a command reads or writes, and what the user knows it by: `--out`, `the contact sheet`. */
export interface NamedPath {
  readonly name: string;
  readonly path: string;
}

/** What a command is going to write. */
export interface Output extends NamedPath {
  /** What is written; nothing for those whose writer looks itself at what is there. */
  readonly kind?: 'file' | 'folder';
  /** Whether it may be replaced where it exists: the user said so, or the same run made it. Default no. */
  readonly replace?: boolean;
}

/**
 * Refuses outputs that would cost the user anything, before a command begins: one that is an input, lies in one or around
 * one; two of the same name; one that exists and may not be replaced; one that cannot be written. What is at its end a
 * device or a pipe keeps nothing and is no danger.
 *
 * @throws {FaceanimError} `invalid-option` for paths that get in each other's way, `io` for what is on the disk; both name
 *   the paths.
 */
export async function checkOutputs(outputs: readonly Output[], inputs: readonly NamedPath[]): Promise<void> {
  const written: Output[] = [];
  for (const output of outputs) {
    if (isStdout(output.path) || (await isStream(output.path))) continue;
    for (const input of inputs) {
      const how = await relation(output.path, input.path);
      if (how) throw inTheWay(output, how, input, 'An input is never written to: choose another place.');
    }
    for (const other of written) {
      if ((await relation(output.path, other.path)) !== 'same') continue;
      throw inTheWay(output, 'same', other, 'Give each of them a name of its own.');
    }
    await checkPlace(output);
    written.push(output);
  }
}

/**
 * Refuses files that are read later, before anything expensive is done; devices and pipes, too, which can be read only
 * once, if they ever end.
 *
 * @param folders the names of those that may be folders
 * @throws {FaceanimError} `io` naming the flag and the file
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
      hint: 'Save what it gives as a file, and pass that.',
    });
  }
}

/** The paths of some flags, without those that are not given. */
export function namedPaths(flags: Readonly<Record<string, string | undefined>>): NamedPath[] {
  return Object.entries(flags).flatMap(([name, path]) => (path === undefined ? [] : [{ name, path }]));
}

/** Whether a path is this program's standard output. */
export function isStdout(path: string | undefined): boolean {
  return path !== undefined && /^(-|\/dev\/stdout|\/dev\/fd\/1|\/proc\/self\/fd\/1)$/.test(path);
}

/** Writes text to a file, as a whole or not at all, or to standard output. */
export async function writeText(path: string, text: string, options: AtomicWriteOptions): Promise<void> {
  if (isStdout(path)) process.stdout.write(text);
  else await writeFileAtomic(path, text, options);
}

const relations = { same: 'is', inside: 'lies in', around: 'contains' };

function inTheWay(
  output: Output,
  how: keyof typeof relations,
  other: NamedPath,
  hint: string,
): FaceanimError {
  return new FaceanimError(
    'invalid-option',
    `${output.name} ${output.path} ${relations[how]} ${other.name} ${other.path}.`,
    { file: output.path, hint },
  );
}

async function checkPlace({ path, kind, replace }: Output): Promise<void> {
  const there = await stat(path).catch(() => undefined);
  if (kind === 'file') await checkFileOutput(path, { overwrite: replace ?? false });
  const folder = there?.isDirectory() || (there && kind === 'folder') ? path : dirname(resolve(path));
  await checkWritable(folder, path);
}

/** Whether something can be made in a folder, or the folder itself with those around it. */
async function checkWritable(folder: string, path: string): Promise<void> {
  try {
    const stats = await stat(folder);
    // As the system says it: `file/new.mp4`.
    if (!stats.isDirectory())
      throw Object.assign(new Error('ENOTDIR'), { code: 'ENOTDIR', syscall: 'mkdir' });
    await access(folder, constants.W_OK | constants.X_OK);
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT' && dirname(folder) !== folder;
    if (!missing) throw asWriteError(error, path);
    return await checkWritable(dirname(folder), path);
  }
  if (kernelFileSystems.has((await statfs(folder)).type)) {
    throw new FaceanimError('io', `Nothing can be made at ${path}.`, {
      file: path,
      hint: 'Choose another folder.',
    });
  }
}

/** Linux's proc and sysfs, by their magic numbers: `access` lets root write there, and still no file can be made. */
const kernelFileSystems: ReadonlySet<number> = new Set([0x9fa0, 0x62656572]);
