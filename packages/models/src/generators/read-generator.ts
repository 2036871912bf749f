import { FaceanimError, type Weights } from '@faceanim/tensor';
import type { Checkpoint } from '../checkpoints';
import type { InitKwargs } from '../networks/config-values';
import { configOf, findNetworks } from '../networks/find-networks';
import { chooseArchitecture } from '../networks/known-architectures';
import type { GeneratorArchitecture } from './architecture';
import { generators } from './architectures';

/** The weights of a generator by the names its architecture takes, and its configuration as far as it is stored. */
export interface StoredGenerator {
  readonly architecture: GeneratorArchitecture;
  readonly weights: Weights;
  readonly config: InitKwargs;
}

/**
 * Reads the generator to use from a checkpoint, wherever in the file it is.
 *
 * @throws FaceanimError `weights-mismatch` if there is none; as {@link Checkpoint.read} does
 */
export async function readGenerator(checkpoint: Checkpoint): Promise<StoredGenerator> {
  const [found] = findNetworks(generators, checkpoint);
  if (!found) refuseCleanDecoder(checkpoint);
  const { architecture, prefix } = found ?? {
    architecture: chooseArchitecture('a generator', generators, checkpoint.tensors, checkpoint.file),
    prefix: '',
  };
  const weights = await (architecture.read?.(checkpoint, prefix) ?? checkpoint.read({ prefix }));
  return { architecture, weights, config: configOf(checkpoint, prefix) };
}

/** GFPGAN since version 1.3 has a decoder of another architecture whose names are almost those of StyleGAN2. */
function refuseCleanDecoder({ tensors, file }: Checkpoint): void {
  if (![...tensors.keys()].some((name) => /(^|\.)constant_input\.weight$/.test(name))) return;
  throw new FaceanimError(
    'weights-mismatch',
    `${file} holds a decoder of BasicSR (GFPGAN 1.3 or later), which differs from StyleGAN2 as published.`,
    { file, hint: 'Use the StyleGAN2 it was made from, or a GFPGAN in rosinality’s layout.' },
  );
}
