import { type WriteFileOptions, writeFileAtomic } from '@faceanim/media/files';
import { invalidOption } from '@faceanim/tensor';

/** Whether a path means standard output. */
export function isStdout(path: string | undefined): boolean {
  return path !== undefined && /^(-|\/dev\/stdout|\/dev\/fd\/1|\/proc\/self\/fd\/1)$/.test(path);
}

/** @throws {FaceanimError} `invalid-option` for pictures to standard output: `-` would be a folder of frames. */
export function refuseStdout(out: string): void {
  if (isStdout(out)) throw invalidOption('--out', out, 'the name of a file or folder');
}

/** Writes to standard output, or to a file: completely or not at all. */
export async function writeData(
  path: string,
  data: string | Uint8Array,
  options: WriteFileOptions,
): Promise<void> {
  if (isStdout(path)) process.stdout.write(data);
  else await writeFileAtomic(path, data, options);
}
