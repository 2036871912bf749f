import type { Discriminator } from '@faceanim/core';
import type { Weights } from '@faceanim/tensor';
import { aString, type OptionChecks } from '@faceanim/tensor/options';
import type { Architecture } from '../networks/architecture';
import { configCheck } from '../networks/config-values';

/** Options of {@link createDiscriminator}. */
export interface CreateDiscriminatorOptions {
  /** Init kwargs of the network, as its checkpoint holds them; anything left out is read from the tensors. */
  config?: Readonly<Record<string, unknown>>;
  /** File the weights come from, for messages. */
  file?: string;
}

/** What {@link CreateDiscriminatorOptions} accept. */
export const discriminatorChecks: OptionChecks<CreateDiscriminatorOptions> = {
  config: configCheck,
  file: aString,
};

/** A discriminator architecture. */
export interface DiscriminatorArchitecture extends Architecture {
  /** @throws FaceanimError `weights-mismatch` for other tensors, or a configuration that contradicts them */
  create(weights: Weights, options: CreateDiscriminatorOptions): Discriminator;
}
