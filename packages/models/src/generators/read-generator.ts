import { FaceanimError } from '@faceanim/tensor';
import type { Checkpoint } from '../checkpoints';
import { findNetworks } from '../networks/find-networks';
import { readNetwork, type StoredNetwork } from '../networks/read-network';
import type { GeneratorArchitecture } from './architecture';
import { generators } from './architectures';

/**
 * Reads the generator to use from a checkpoint, wherever in the file it is.
 *
 * @throws FaceanimError `weights-mismatch` if there is none; as {@link Checkpoint.read} does
 */
export async function readGenerator(checkpoint: Checkpoint): Promise<StoredNetwork<GeneratorArchitecture>> {
  if (findNetworks(generators, checkpoint).length === 0) refuseCleanDecoder(checkpoint);
  return readNetwork('a generator', generators, checkpoint);
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
