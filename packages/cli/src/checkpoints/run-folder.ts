import { join } from 'node:path';
import { FaceanimError } from '@faceanim/tensor';
import { exists } from '../files/paths';
import { recordName } from '../run/names';
import { commandLine } from '../terminal/command-line';

/** Refuses the folder of a run. @throws {FaceanimError} `io` naming the command that takes it. */
export async function refuseRunFolder(path: string): Promise<void> {
  if (!(await exists(join(path, recordName)))) return;
  throw new FaceanimError('io', `${path} is the folder of a run, not a checkpoint.`, {
    file: path,
    hint: `To draw its frames: ${commandLine(['render', path, '--out', 'animation.mp4'])}`,
  });
}
