import type { Generator } from '@faceanim/core';
import type { Weights } from '@faceanim/tensor';
import { aString, type OptionChecks } from '@faceanim/tensor/options';
import type { Architecture } from '../networks/architecture';
import { configCheck } from '../networks/config-values';
import { checkpointingCheck } from './checkpointing';

/** Options of {@link createGenerator}. */
export interface CreateGeneratorOptions {
  /** Init kwargs of the network, as its checkpoint holds them; anything left out is read from the tensors. */
  config?: Readonly<Record<string, unknown>>;
  /** File the weights come from, for messages. */
  file?: string;
  /**
   * Activation checkpointing: layers are recomputed in the backward pass instead of keeping their activations, which saves
   * memory and costs one more forward pass of them. `true` for all layers, a number for those of at least that many pixels
   * a side. Default false.
   */
  checkpointing?: boolean | number;
}

/** What {@link CreateGeneratorOptions} accept. */
export const generatorChecks: OptionChecks<CreateGeneratorOptions> = {
  config: configCheck,
  file: aString,
  checkpointing: checkpointingCheck,
};

/** A generator architecture. */
export interface GeneratorArchitecture extends Architecture {
  /** @throws FaceanimError `weights-mismatch` for other tensors, or a configuration that contradicts them */
  create(weights: Weights, options: CreateGeneratorOptions): Generator;
}
