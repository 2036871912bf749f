import { invalidOption } from '@faceanim/tensor';

/** @throws {FaceanimError} `invalid-option` for pictures to standard output: `-` would be a folder of frames. */
export function refuseStdout(out: string): void {
  if (/^(-|\/dev\/stdout|\/dev\/fd\/1|\/proc\/self\/fd\/1)$/.test(out))
    throw invalidOption('--out', out, 'the name of a file or folder');
}
