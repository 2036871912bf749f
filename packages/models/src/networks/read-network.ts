import type { Weights } from '@faceanim/tensor';
import type { Checkpoint } from '../checkpoints';
import type { Architecture } from './architecture';
import type { InitKwargs } from './config-values';
import { configOf, type FoundNetwork, findNetworks } from './find-networks';
import { noSuchNetwork } from './known-architectures';

/** A network as its file stores it. */
export interface StoredNetwork<A extends Architecture> {
  readonly architecture: A;
  /** Weights by the names that the architecture takes. */
  readonly weights: Weights;
  /** Its configuration as far as it is stored. */
  readonly config: InitKwargs;
}

/**
 * Reads the network to use of one kind, wherever in the checkpoint it is.
 *
 * @param role what is wanted, for messages: `a generator`
 * @throws FaceanimError `weights-mismatch` if there is none; as {@link Checkpoint.read} does
 */
export async function readNetwork<A extends Architecture>(
  role: string,
  architectures: readonly A[],
  checkpoint: Checkpoint,
): Promise<StoredNetwork<A>> {
  const [found] = findNetworks(architectures, checkpoint);
  if (!found) throw noSuchNetwork(role, architectures, checkpoint.tensors.keys(), checkpoint.file);
  const { architecture, prefix } = found;
  const weights = await readWeights(found, checkpoint);
  return { architecture, weights, config: configOf(checkpoint, prefix) };
}

/** Reads the weights of a network by the names that its architecture takes. */
export function readWeights(
  { architecture, prefix }: FoundNetwork<Architecture>,
  checkpoint: Checkpoint,
): Promise<Weights> {
  return architecture.read?.(checkpoint, prefix) ?? checkpoint.read({ prefix });
}
