import type { Encoder } from '@faceanim/core';
import { checkOptions } from '@faceanim/tensor/options';
import { type CheckpointSource, openCheckpoint } from '../checkpoints';
import { type LoadOptions, loadChecks } from '../networks/load-options';
import { readNetwork } from '../networks/read-network';
import { encoders } from './architectures';

/**
 * Loads an encoder from a checkpoint, such as {@link fitEncoder} makes.
 *
 * @returns a {@link LinearEncoder} for the files of {@link fitEncoder}
 * @throws FaceanimError `weights-mismatch` if the tensors are not those of an encoder; as {@link openCheckpoint} does
 */
export async function loadEncoder(source: CheckpointSource, options: LoadOptions = {}): Promise<Encoder> {
  checkOptions('loadEncoder', options, loadChecks);
  await using checkpoint = await openCheckpoint(source, options);
  const { architecture, weights } = await readNetwork('an encoder', encoders, checkpoint);
  return architecture.create(weights, { file: checkpoint.file });
}
