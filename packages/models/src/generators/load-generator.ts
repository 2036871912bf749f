import type { OnProgress, Weights } from '@faceanim/core';
import { type Checkpoint, type CheckpointSource, openCheckpoint } from '../checkpoints';
import type { RecomputeOption } from './frugal-layer';
import type { InitKwargs } from './mapping-config';
import { createStyleGan2, type StyleGan2Generator } from './stylegan2';
import { createStyleGan3, type StyleGan3Generator } from './stylegan3';

/** Options of {@link loadGenerator}. */
export interface LoadGeneratorOptions extends RecomputeOption {
  signal?: AbortSignal;
  onProgress?: OnProgress;
}

/**
 * Reads a generator from a checkpoint, StyleGAN2 or StyleGAN3 by its structure: `G_ema` of an NVIDIA pickle, or a file
 * of its tensors alone, such as `faceanim import` writes.
 *
 * @throws FaceanimError as {@link openCheckpoint}, {@link createStyleGan2} and {@link createStyleGan3} do
 */
export async function loadGenerator(
  source: CheckpointSource,
  options: LoadGeneratorOptions = {},
): Promise<StyleGan2Generator | StyleGan3Generator> {
  const { weights, config, file } = await readGenerator(source, options);
  const create = weights.has('synthesis.input.freqs') ? createStyleGan3 : createStyleGan2;
  return create(weights, { config, file, recomputeFrom: options.recomputeFrom });
}

/**
 * Reads a StyleGAN2 generator from a checkpoint: `G_ema` of an NVIDIA pickle, or a file of its tensors alone.
 *
 * @throws FaceanimError as {@link openCheckpoint} and {@link createStyleGan2} do
 */
export async function loadStyleGan2(
  source: CheckpointSource,
  options: LoadGeneratorOptions = {},
): Promise<StyleGan2Generator> {
  const { weights, config, file } = await readGenerator(source, options);
  return createStyleGan2(weights, { config, file, recomputeFrom: options.recomputeFrom });
}

interface GeneratorWeights {
  readonly weights: Weights;
  readonly config: InitKwargs;
  readonly file: string;
}

async function readGenerator(
  source: CheckpointSource,
  options: LoadGeneratorOptions,
): Promise<GeneratorWeights> {
  await using checkpoint = await openCheckpoint(source, options);
  const weights = await checkpoint.read({ prefix: generatorPrefix(checkpoint) });
  return { weights, config: generatorConfig(checkpoint), file: checkpoint.file };
}

/** What the names of the generator to use begin with: of those in NVIDIA's pickles the averaged one. */
export function generatorPrefix({ networks }: Pick<Checkpoint, 'networks'>): string {
  return networks.G_ema ? 'G_ema.' : '';
}

/** The init kwargs of the generator in a checkpoint: of a pickle, or as JSON in the metadata `config`. */
export function generatorConfig({
  networks,
  metadata,
}: Pick<Checkpoint, 'networks' | 'metadata'>): InitKwargs {
  if (networks.G_ema) return networks.G_ema.config;
  try {
    const config: unknown = JSON.parse(metadata.config ?? '{}');
    if (typeof config === 'object' && config !== null) return config as InitKwargs;
  } catch {
    // Metadata of somebody else's: the tensors tell nearly everything.
  }
  return {};
}
