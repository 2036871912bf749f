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

/** A path that a command reads or writes, and its name for the user: `--out`, `the contact sheet`. */
export interface NamedPath {
  readonly name: string;
  readonly path: string;
}

/** A path that a command will write. */
export interface Output extends NamedPath {
  /** Absent if the writer itself checks what is there. */
  readonly kind?: 'file' | 'folder';
  /** Whether an existing file may be replaced: the user said so, or the same run made it. Default false. */
  readonly replace?: boolean;
}

/**
 * Refuses outputs that could destroy something, before a command begins: an output that is an input, lies in one or contains
 * one; two outputs with one path; a file that exists and may not be replaced; a path that cannot be written. Devices and
 * pipes keep nothing, so they are safe.
 *
 * @throws {FaceanimError} naming the paths: `invalid-option` for those that clash, `io` for what the disk refuses.
 */
export async function checkOutputs(outputs: readonly Output[], inputs: readonly NamedPath[]): Promise<void> {
  const written: Output[] = [];
  for (const output of outputs) {
    if (isStdout(output.path) || (await isStream(output.path))) continue;
    for (const input of inputs) {
      const how = await relation(output.path, input.path);
      if (how) throw inTheWay(output, how, input, 'Choose another place: inputs are never written to.');
    }
    for (const other of written) {
      if ((await relation(output.path, other.path)) !== 'same') continue;
      throw inTheWay(output, 'same', other, 'Give each of them a different name.');
    }
    await checkPlace(output);
    written.push(output);
  }
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

/** The flags that are given, with their paths. */
export function namedPaths(flags: Readonly<Record<string, string | undefined>>): NamedPath[] {
  return Object.entries(flags).flatMap(([name, path]) => (path === undefined ? [] : [{ name, path }]));
}

/** Whether a path means standard output. */
export function isStdout(path: string | undefined): boolean {
  return path !== undefined && /^(-|\/dev\/stdout|\/dev\/fd\/1|\/proc\/self\/fd\/1)$/.test(path);
}

/** Writes text to standard output, or to a file: completely or not at all. */
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

/** Whether a file can be made in a folder, which may itself have to be made. */
async function checkWritable(folder: string, path: string): Promise<void> {
  try {
    const stats = await stat(folder);
    // The error that the system gives for `file/new.mp4`.
    if (!stats.isDirectory())
      throw Object.assign(new Error('ENOTDIR'), { code: 'ENOTDIR', syscall: 'mkdir' });
    await access(folder, constants.W_OK | constants.X_OK);
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT' && dirname(folder) !== folder;
    if (!missing) throw asWriteError(error, path);
    return await checkWritable(dirname(folder), path);
  }
  if (kernelFileSystems.has((await statfs(folder)).type)) {
    throw new FaceanimError('io', `${path} cannot be written.`, {
      file: path,
      hint: 'Choose another folder.',
    });
  }
}

/** Linux's proc and sysfs, by their magic numbers: `access` says that root may write there, but no file can be made. */
const kernelFileSystems: ReadonlySet<number> = new Set([0x9fa0, 0x62656572]);
