import type { Discriminator } from '@faceanim/core';
import type { Weights } from '@faceanim/tensor';
import { checkOptions } from '@faceanim/tensor/options';
import { type CheckpointSource, openCheckpoint } from '../checkpoints';
import { chooseArchitecture } from '../networks/known-architectures';
import { type LoadOptions, loadChecks } from '../networks/load-options';
import { readNetwork } from '../networks/read-network';
import { type CreateDiscriminatorOptions, discriminatorChecks } from './architecture';
import { discriminators } from './architectures';

/**
 * Builds a discriminator from weights in memory: StyleGAN2's (residual, the default), conditional or not, with the tensor
 * names of stylegan2-ada-pytorch.
 *
 * @throws FaceanimError `weights-mismatch` if the tensors are not those of such a network, or `config` contradicts them
 */
export function createDiscriminator(
  weights: Weights,
  options: CreateDiscriminatorOptions = {},
): Discriminator {
  checkOptions('createDiscriminator', options, discriminatorChecks);
  return chooseArchitecture('a discriminator', discriminators, weights, options.file).create(
    weights,
    options,
  );
}

/**
 * Loads a discriminator from a checkpoint: `D` of an NVIDIA pickle, or a file of its tensors alone, such as
 * `faceanim import` writes.
 *
 * @throws FaceanimError as {@link openCheckpoint} and {@link createDiscriminator} do
 */
export async function loadDiscriminator(
  source: CheckpointSource,
  options: LoadOptions = {},
): Promise<Discriminator> {
  checkOptions('loadDiscriminator', options, loadChecks);
  await using checkpoint = await openCheckpoint(source, options);
  const { architecture, weights, config } = await readNetwork('a discriminator', discriminators, checkpoint);
  return architecture.create(weights, { config, file: checkpoint.file });
}
