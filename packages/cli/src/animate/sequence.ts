import {
  fast,
  freeLosses,
  identityLosses,
  type Optimizer,
  type ProjectSequenceOptions,
  referenceMode,
  thorough,
} from '@faceanim/core';
import {
  type GroupWeights,
  landmarkGroups,
  landmarkWeights,
  originalGroupWeights,
} from '@faceanim/core/landmarks';
import type { AnimateOptions } from './options';

/** What the flags of a run mean. */
export interface SequencePlan {
  /** For `projectSequence`, beside the networks. */
  readonly options: Partial<ProjectSequenceOptions>;
  /** What of it decides the latents, with every default filled in, as values that JSON has. */
  readonly settings: Readonly<Record<string, unknown>>;
}

/**
 * Fills in presets and defaults.
 *
 * @throws {FaceanimError} `invalid-option` for an unknown landmark group or a bad weight.
 */
export function planSequence(options: AnimateOptions): SequencePlan {
  const { start = 0, every = 1, fanModules = 'all', alignLook = 'auto', look, lpips, lpipsNet } = options;
  const plan = options.reference ? referencePlan(options) : defaultPlan(options);
  return {
    options: { ...plan.options, tracking: { ...plan.options.tracking, minScore: options.minScore } },
    settings: {
      ...plan.settings,
      start,
      every,
      fanModules,
      ...(look ? { alignLook } : {}),
      ...(lpips ? { lpipsNet: lpipsNet ?? 'vgg' } : {}),
    },
  };
}

/** Whether frames start where an encoder guesses; a generator of one's own has none unless it is given. */
export function usesEncoder({ look, preset, reference, generator, encoder }: AnimateOptions): boolean {
  return Boolean(look && preset !== 'thorough' && !reference && (encoder || !generator));
}

/** Whether there is anything to compare the result with. */
export function usesPerceptual({ look }: AnimateOptions): boolean {
  return look !== undefined;
}

function defaultPlan(options: AnimateOptions): SequencePlan {
  const { weights: groups, look, preset = 'fast', window = 1, seed = 0 } = options;
  const { space = 'whitened-w', align = 'frame' } = options;
  const presetOptions = preset === 'thorough' ? thorough() : fast();
  const encoded = usesEncoder(options);
  const steps = stepsOf(options, presetOptions.optimizer);
  return {
    options: {
      ...presetOptions,
      ...{ steps, window, seed, space, tracking: { align } },
      losses: look ? identityLosses({ groups, encoded }) : freeLosses({ groups }),
    },
    settings: { preset, steps, window, seed, space, align, weights: resolvedWeights(groups) },
  };
}

function referencePlan(options: AnimateOptions): SequencePlan {
  const { weights: groups, look, window = 1, seed = 0, align = 'none' } = options;
  const mode = referenceMode({ groups, lpips: look ? 1 : 0 });
  const steps = stepsOf(options, mode.optimizer);
  return {
    options: { ...mode, steps, window, seed, tracking: { align } },
    settings: {
      ...{ preset: 'reference', steps, window, seed, align },
      weights: resolvedWeights({ ...originalGroupWeights, ...groups }),
    },
  };
}

function stepsOf({ stepsFirst, stepsNext }: AnimateOptions, { steps: { first, next } }: Optimizer) {
  return { first: stepsFirst ?? first, next: stepsNext ?? next };
}

/** The weight of each group, pairs and defaults resolved. */
function resolvedWeights(groups: GroupWeights | undefined): Record<string, number> {
  const weights = landmarkWeights(groups);
  return Object.fromEntries(
    // A landmark in the middle: the first or last of a group may be that of another, too. Without what 32 bits add.
    Object.entries(landmarkGroups).map(([name, [first, last]]) => [
      name,
      Number(weights[(first + last) >> 1]!.toPrecision(7)),
    ]),
  );
}
