import { FaceanimError, type Weights } from '@faceanim/tensor';
import type { Checkpoint } from '../checkpoints';
import type { InitKwargs } from '../config-values';
import { readRosinality } from './rosinality';

/** A generator somewhere in a checkpoint. */
export interface FoundGenerator {
  /** What the names of its tensors begin with: `G_ema.`, `g_ema.`, `state_dict.decoder.`, or nothing. */
  readonly prefix: string;
  /** Reads its tensors and gives them the names of NVIDIA's PyTorch repositories. */
  readonly read: (checkpoint: Checkpoint, prefix: string) => Promise<Weights>;
}

/** How generators are stored: a tensor that each has, by the end of its name, and how all of them are read. */
const layouts: readonly [anchor: string, FoundGenerator['read']][] = [
  ['synthesis.b4.conv1.weight', (checkpoint, prefix) => checkpoint.read({ prefix })],
  ['synthesis.input.freqs', (checkpoint, prefix) => checkpoint.read({ prefix })],
  ['conv1.conv.modulation.weight', readRosinality],
];

/** Generators in one file; training files have two. A hostile file could have one in every name. */
const MAX_GENERATORS = 64;

/**
 * Every generator in a checkpoint, by the names of its tensors, the one to use first: of several that whose name says
 * that it is the averaged one (`ema`).
 */
export function findGenerators({ tensors }: Pick<Checkpoint, 'tensors'>): FoundGenerator[] {
  const found = [...tensors.keys()].flatMap((name): FoundGenerator[] =>
    layouts
      .filter(([anchor]) => name === anchor || name.endsWith(`.${anchor}`))
      .map(([anchor, read]) => ({ prefix: name.slice(0, -anchor.length), read })),
  );
  const rank = ({ prefix }: FoundGenerator) => (/(^|[._])ema[._]/i.test(prefix) ? 0 : 1);
  return found.sort((a, b) => rank(a) - rank(b)).slice(0, MAX_GENERATORS);
}

/** Weights of a generator with the names of NVIDIA's PyTorch repositories, and what is known of its configuration. */
export interface GeneratorWeights {
  readonly weights: Weights;
  readonly config: InitKwargs;
}

/**
 * Reads the generator to use from a checkpoint.
 *
 * @throws FaceanimError `weights-mismatch` for one of a kind that is known and not read; as {@link Checkpoint.read} does
 */
export async function readGenerator(checkpoint: Checkpoint): Promise<GeneratorWeights> {
  const [generator] = findGenerators(checkpoint);
  if (!generator) refuseClean(checkpoint);
  const { prefix, read } = generator ?? {
    // What is missing is said by the check of all tensors.
    prefix: checkpoint.networks.G_ema ? 'G_ema.' : '',
    read: (checkpoint, prefix) => checkpoint.read({ prefix }),
  };
  return { weights: await read(checkpoint, prefix), config: generatorConfig(checkpoint, prefix) };
}

/** The init kwargs of a generator: of a pickled module, or as JSON in the metadata `config`. */
function generatorConfig({ networks, metadata, file }: Checkpoint, prefix: string): InitKwargs {
  const network = networks[prefix.replace(/\.$/, '')];
  if (network) return network.config;
  const { config } = metadata;
  // Metadata of somebody else's may be anything; what `faceanim import` writes is an object.
  if (config === undefined || !config.trimStart().startsWith('{')) return {};
  try {
    return JSON.parse(config) as InitKwargs;
  } catch (cause) {
    throw new FaceanimError('checkpoint-corrupt', `${file}: the metadata \`config\` is not JSON.`, {
      file,
      cause,
      hint: 'Import the original checkpoint again: faceanim import FILE -o FOLDER.',
    });
  }
}

/** GFPGAN since version 1.3 has a decoder of another architecture under nearly the names of StyleGAN2. */
function refuseClean({ tensors, file }: Checkpoint): void {
  if (![...tensors.keys()].some((name) => /(^|\.)constant_input\.weight$/.test(name))) return;
  throw new FaceanimError(
    'weights-mismatch',
    `${file} holds a decoder of BasicSR (GFPGAN 1.3 or later), which is not StyleGAN2 as published.`,
    { file, hint: 'Use the StyleGAN2 that it was made from, or a GFPGAN of rosinality’s layout.' },
  );
}
