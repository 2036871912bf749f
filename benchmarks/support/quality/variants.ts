import { type ProjectSequenceOptions, referenceMode } from '@faceanim/core';
import type { AvatarPack } from '@faceanim/models';

/** The ways to animate that are compared: options of `projectSequence` beside networks, look, driver and steps. */
export const variants: Readonly<Record<string, (pack: AvatarPack) => Partial<ProjectSequenceOptions>>> = {
  reference: (pack) => referenceMode(pack),
  defaults: () => ({}),
};
