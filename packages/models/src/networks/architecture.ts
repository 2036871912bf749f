import type { Weights } from '@faceanim/tensor';
import type { Checkpoint } from '../checkpoints';

/** A network architecture, or one of the layouts in which its weights are stored; declared in the file that builds it. */
export interface Architecture {
  /** Name for people, with its article: `a StyleGAN2 generator`. */
  readonly name: string;
  /** Tensors that no other architecture has; any of them identifies its weights. */
  readonly anchors: readonly string[];
  /** What is known about the licence of published weights. */
  readonly licence?: string;
  /** File that `importCheckpoint` writes the weights to; absent if they cannot be imported. */
  readonly packFile?: string;
  /** Reads weights by the names that the architecture takes. Default: as they are stored. */
  read?(checkpoint: Checkpoint, prefix: string): Promise<Weights>;
}
