import { constants } from 'node:fs';
import { access, stat, statfs } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { asWriteError, checkFileOutput, isStream } from '@faceanim/media/files';
import { FaceanimError } from '@faceanim/tensor';
import type { NamedPath } from './inputs';
import { relation } from './paths';

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
    if (await isStream(output.path)) continue;
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
