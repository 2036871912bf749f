import { defaultSteps, fast, type ProjectSequenceOptions, referenceMode } from '@faceanim/core';
import type { AvatarPack } from '@faceanim/models';

/** Steps of an animation: those before the second frame, and those of each later frame. */
export interface Steps {
  readonly first: number;
  readonly next: number;
}

const usual = defaultSteps(fast().optimizer, true);

/** As many steps as an animation takes by default. */
export const usualSteps: Steps = { first: usual.look + usual.first, next: usual.next };

/** The ways to animate that are compared: options of `projectSequence` beside networks, look and driver. */
export const variants: Readonly<
  Record<string, (pack: AvatarPack, steps: Steps) => Partial<ProjectSequenceOptions>>
> = {
  reference: (pack, steps) => ({ ...referenceMode(pack), steps }),
  defaults: (_, steps) => ({ steps: shared(steps) }),
  refined: (_, steps) => ({ steps: shared(steps), refine: true }),
};

/** Gives the look its default share of the steps before the second frame, so that all variants take as many. */
function shared({ first, next }: Steps): ProjectSequenceOptions['steps'] {
  const look = Math.round((first * usual.look) / usualSteps.first);
  return { look, first: first - look, next };
}
