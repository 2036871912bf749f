import { FaceanimError } from '@faceanim/tensor';
import type { Checkpoint } from '../checkpoints';
import type { Architecture } from './architecture';
import type { InitKwargs } from './config-values';

/** A network somewhere in a checkpoint. */
export interface FoundNetwork<A extends Architecture> {
  readonly architecture: A;
  /** What the names of its tensors begin with: `G_ema.`, `g_ema.`, `state_dict.decoder.`, or nothing. */
  readonly prefix: string;
}

/** Training files hold two networks of a kind; a hostile one could hold one for every name. */
const MAX_NETWORKS = 64;

/**
 * Every network of the given architectures in a checkpoint, the one to use first: exponential moving averages (`ema` in
 * the prefix) come before the others.
 */
export function findNetworks<A extends Architecture>(
  architectures: readonly A[],
  { tensors }: Pick<Checkpoint, 'tensors'>,
): FoundNetwork<A>[] {
  const found = [...tensors.keys()].flatMap((name) =>
    architectures.flatMap((architecture) => {
      const anchor = architecture.anchors.find((anchor) => name === anchor || name.endsWith(`.${anchor}`));
      return anchor === undefined ? [] : [{ architecture, prefix: name.slice(0, -anchor.length) }];
    }),
  );
  const rank = ({ prefix }: FoundNetwork<A>) => (/(^|[._])ema[._]/i.test(prefix) ? 0 : 1);
  return found.sort((a, b) => rank(a) - rank(b)).slice(0, MAX_NETWORKS);
}

/** The init kwargs of a network: those of a pickled module, or JSON in the metadata `config`; empty if there are none. */
export function configOf({ networks, metadata, file }: Checkpoint, prefix: string): InitKwargs {
  const network = networks[prefix.replace(/\.$/, '')];
  if (network) return network.config;
  const { config } = metadata;
  // Other programs may put anything there; `faceanim import` writes an object.
  if (config === undefined || !config.trimStart().startsWith('{')) return {};
  try {
    return JSON.parse(config) as InitKwargs;
  } catch (cause) {
    throw new FaceanimError('checkpoint-corrupt', `${file}: the metadata \`config\` is not JSON.`, {
      file,
      cause,
      hint: 'Import the original checkpoint again with importCheckpoint.',
    });
  }
}
