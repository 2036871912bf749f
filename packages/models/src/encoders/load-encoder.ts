import type { Weights } from '@faceanim/tensor';
import { checkOptions } from '@faceanim/tensor/options';
import { type CheckpointSource, openCheckpoint } from '../checkpoints';
import { chooseArchitecture } from '../networks/known-architectures';
import { type LoadOptions, loadChecks } from '../networks/load-options';
import { type LinearEncoder, linearEncoder, linearEncoderArchitecture } from './linear-encoder';

/** Builds an encoder from the weights of a file. */
export function createEncoder(weights: Weights, { file }: { file?: string } = {}): LinearEncoder {
  chooseArchitecture(linearEncoderArchitecture.name, [linearEncoderArchitecture], weights, file);
  return linearEncoder(weights, { file });
}

/**
 * Loads an encoder that {@link fitEncoder} has made.
 *
 * @throws FaceanimError `weights-mismatch` if the tensors are not those of such an encoder; as {@link openCheckpoint} does
 */
export async function loadEncoder(
  source: CheckpointSource,
  options: LoadOptions = {},
): Promise<LinearEncoder> {
  checkOptions('loadEncoder', options, loadChecks);
  await using checkpoint = await openCheckpoint(source, options);
  return createEncoder(await checkpoint.read(), { file: checkpoint.file });
}
