import {
  freeLosses,
  identityLosses,
  type ProjectSequenceOptions,
  referenceMode,
  thorough,
} from '@faceanim/core';
import type { AnimateOptions } from './animate-options';
import type { RunNetworks } from './networks';

/** What the flags of a run mean to `projectSequence`. */
export function sequenceOptions(
  options: AnimateOptions,
  { encoder }: RunNetworks,
): Partial<ProjectSequenceOptions> {
  const {
    weights: groups,
    look,
    space,
    align,
    seed,
    minScore,
    stepsFirst,
    stepsNext,
    window,
    preset,
  } = options;
  const common = { seed, tracking: { minScore }, steps: { first: stepsFirst, next: stepsNext }, window };
  if (options.reference) {
    return { ...referenceMode({ groups, lpips: look ? 1 : 0 }), ...common, ...(align ? { align } : {}) };
  }
  const chosen: Partial<ProjectSequenceOptions> = preset === 'thorough' ? thorough() : { encoder };
  return {
    ...common,
    ...chosen,
    steps: { first: stepsFirst ?? chosen.steps?.first, next: stepsNext ?? chosen.steps?.next },
    align,
    space,
    losses: look ? identityLosses({ groups, encoded: chosen.encoder !== undefined }) : freeLosses({ groups }),
  };
}
