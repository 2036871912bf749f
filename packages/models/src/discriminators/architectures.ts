import type { DiscriminatorArchitecture } from './architecture';
import { stylegan2Discriminator } from './stylegan2/stylegan2';

/** Discriminators that can be loaded. */
export const discriminators: readonly DiscriminatorArchitecture[] = [stylegan2Discriminator];
