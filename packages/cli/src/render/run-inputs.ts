import { FaceanimError } from '@faceanim/tensor';
import { readLook } from '../animate/look';
import { type Backdrop, backdropOf } from '../animate/paste-back';
import { networkFingerprints } from '../networks/fingerprints';
import { fingerprint } from '../run/record';
import type { KeptLatents } from './read-latents';

/** The sound of another clip would not be in sync. */
export async function checkDriver(
  path: string,
  { driver }: KeptLatents,
  given: string | undefined,
): Promise<void> {
  if (given === undefined || driver === undefined || driver === (await fingerprint(given))) return;
  throw new FaceanimError(
    'invalid-option',
    `The latents in ${path} belong to another driver than ${given}.`,
    {
      file: given,
      hint: 'Pass the driver of that run as --driver.',
    },
  );
}

/** Another generator of the same size would silently draw other pictures. */
export async function checkGenerator(
  path: string,
  { generator }: KeptLatents,
  given: string | undefined,
  signal: AbortSignal,
): Promise<void> {
  if (generator === undefined) return;
  const { generator: hash } = await networkFingerprints({ generator: given }, signal);
  if (generator === hash) return;
  const here = given === undefined ? 'the generator of the bundled pack' : given;
  throw new FaceanimError(
    'weights-mismatch',
    `The latents in ${path} belong to the generator ${generator}; ${here} is ${hash}.`,
    { file: given ?? path, hint: 'Pass the generator of that run as --generator FILE.' },
  );
}

/** The picture that the look of the run was cropped from, to put the faces back into it. */
export async function backdropOfRun(
  path: string,
  { look }: KeptLatents,
  given: string | undefined,
): Promise<Backdrop | undefined> {
  if (given === undefined) return undefined;
  if (!look?.quad) {
    throw new FaceanimError('invalid-option', `${path} does not say where a look was cropped.`, {
      file: path,
      hint: 'Pass the folder of a run whose look was cropped, or leave out --paste-back.',
    });
  }
  if (look.hash !== (await fingerprint(given))) {
    throw new FaceanimError(
      'invalid-option',
      `The latents in ${path} belong to another look than ${given}.`,
      { file: given, hint: 'Pass the look of that run as --look.' },
    );
  }
  return backdropOf(await readLook(given), look);
}
