import type { Generator } from '@faceanim/core';
import type { Weights } from '@faceanim/tensor';
import { checkOptions, type OptionChecks } from '@faceanim/tensor/options';
import { type CheckpointSource, openCheckpoint } from '../checkpoints';
import { chooseArchitecture } from '../networks/known-architectures';
import { type LoadOptions, loadChecks } from '../networks/load-options';
import { type CreateGeneratorOptions, generatorChecks } from './architecture';
import { generators } from './architectures';
import { readGenerator } from './read-generator';

/**
 * Builds a generator from weights in memory, StyleGAN2 or StyleGAN3 by their names: those of NVIDIA's PyTorch repositories,
 * `mapping.*` and `synthesis.*`. Any resolution and width.
 *
 * @throws FaceanimError `weights-mismatch` if the tensors are not those of such a generator, or `config` contradicts them
 */
export function createGenerator(weights: Weights, options: CreateGeneratorOptions = {}): Generator {
  checkOptions('createGenerator', options, generatorChecks);
  const layouts = generators.filter(({ read }) => !read);
  return chooseArchitecture('a generator', layouts, weights, options.file).create(weights, options);
}

/** Options of {@link loadGenerator}. */
export interface LoadGeneratorOptions extends LoadOptions, Pick<CreateGeneratorOptions, 'checkpointing'> {}

const checks: OptionChecks<LoadGeneratorOptions> = {
  ...loadChecks,
  checkpointing: generatorChecks.checkpointing,
};

/**
 * Loads a generator from a checkpoint: StyleGAN2 or StyleGAN3, told apart by their tensors. It may be anywhere in the file:
 * `G_ema` of an NVIDIA pickle, a whole module saved by torch, rosinality's `g_ema`, the decoder of pSp, e4e or GFPGAN, part
 * of a Lightning checkpoint, or a file of its tensors alone, such as `faceanim import` writes. Of several generators the
 * averaged one (`ema`) is taken.
 *
 * @returns a {@link StyleGan3Generator} for StyleGAN3
 * @throws FaceanimError as {@link openCheckpoint} and {@link createGenerator} do
 */
export async function loadGenerator(
  source: CheckpointSource,
  options: LoadGeneratorOptions = {},
): Promise<Generator> {
  checkOptions('loadGenerator', options, checks);
  const { checkpointing, ...reading } = options;
  await using checkpoint = await openCheckpoint(source, reading);
  const { architecture, weights, config } = await readGenerator(checkpoint);
  return architecture.create(weights, { config, file: checkpoint.file, checkpointing });
}
