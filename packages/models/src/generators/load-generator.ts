import type { OnProgress } from '@faceanim/core';
import { aFunction, anAbortSignal, checkOptions, type OptionChecks } from '@faceanim/tensor/options';
import { type CheckpointSource, openCheckpoint } from '../checkpoints';
import { readGenerator } from './find-generator';
import { type RecomputeOption, sideCheck } from './frugal-layer';
import { createStyleGan2, type StyleGan2Generator } from './stylegan2';
import { createStyleGan3, type StyleGan3Generator } from './stylegan3';

/** Options of {@link loadGenerator}. */
export interface LoadGeneratorOptions extends RecomputeOption {
  signal?: AbortSignal;
  onProgress?: OnProgress;
}

const checks: OptionChecks<LoadGeneratorOptions> = {
  recomputeFrom: sideCheck,
  signal: anAbortSignal,
  onProgress: aFunction,
};

/**
 * Reads a generator from a checkpoint, StyleGAN2 or StyleGAN3 by its structure, wherever in the file it is: `G_ema` of an
 * NVIDIA pickle, a whole module saved by torch, rosinality's `g_ema`, the decoder of pSp, e4e or GFPGAN, a generator in a
 * checkpoint of Lightning, or a file of its tensors alone, such as `faceanim import` writes. Of several generators the
 * averaged one (`ema`) is taken.
 *
 * @throws FaceanimError as {@link openCheckpoint}, {@link createStyleGan2} and {@link createStyleGan3} do
 */
export async function loadGenerator(
  source: CheckpointSource,
  options: LoadGeneratorOptions = {},
): Promise<StyleGan2Generator | StyleGan3Generator> {
  checkOptions('loadGenerator', options, checks);
  const { recomputeFrom, ...reading } = options;
  await using checkpoint = await openCheckpoint(source, reading);
  const { weights, config } = await readGenerator(checkpoint);
  const create = weights.has('synthesis.input.freqs') ? createStyleGan3 : createStyleGan2;
  return create(weights, { config, file: checkpoint.file, recomputeFrom });
}

/**
 * Reads a StyleGAN2 generator from a checkpoint, as {@link loadGenerator} does.
 *
 * @throws FaceanimError as {@link openCheckpoint} and {@link createStyleGan2} do
 */
export async function loadStyleGan2(
  source: CheckpointSource,
  options: LoadGeneratorOptions = {},
): Promise<StyleGan2Generator> {
  checkOptions('loadStyleGan2', options, checks);
  const { recomputeFrom, ...reading } = options;
  await using checkpoint = await openCheckpoint(source, reading);
  const { weights, config } = await readGenerator(checkpoint);
  return createStyleGan2(weights, { config, file: checkpoint.file, recomputeFrom });
}
