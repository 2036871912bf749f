import {
  adam,
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
import type { RunNetworks } from '../networks/networks';
import type { AnimateOptions } from './options';

/** The networks of the loss terms. */
type LossNetworks = Pick<RunNetworks, 'landmarkNet' | 'perceptual'>;

/** The flags of a run as options of `projectSequence`. */
export interface SequencePlan {
  /** Everything but networks, pictures and hooks; the loss terms hold their networks. */
  options(networks: LossNetworks): Partial<ProjectSequenceOptions>;
  /** Those that decide the latents, with every default filled in, as plain JSON. */
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
    options: (networks) => {
      const planned = plan.options(networks);
      return { ...planned, tracking: { ...planned.tracking, minScore: options.minScore } };
    },
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

/** Whether an encoder guesses where frames start. Your own generator has none unless you give one. */
export function usesEncoder({ look, preset, reference, generator, encoder }: AnimateOptions): boolean {
  return Boolean(look && preset !== 'thorough' && !reference && (encoder || !generator));
}

/** Whether there is a look to compare the result with. */
export function usesPerceptual({ look }: AnimateOptions): boolean {
  return look !== undefined;
}

function defaultPlan(options: AnimateOptions): SequencePlan {
  const { weights: groups, look, preset = 'fast', window = 1, seed = 0 } = options;
  const { space = 'whitened-w', align = 'frame' } = options;
  const presetOptions = preset === 'thorough' ? thorough() : fast();
  const steps = stepsOf(options, presetOptions.optimizer);
  return {
    options: ({ landmarkNet, perceptual }) => ({
      ...presetOptions,
      ...{ steps, window, seed, space, tracking: { align } },
      losses: look
        ? identityLosses({ landmarkNet, perceptual, groups })
        : freeLosses({ landmarkNet, groups }),
    }),
    settings: { preset, steps, window, seed, space, align, weights: resolvedWeights(groups) },
  };
}

function referencePlan(options: AnimateOptions): SequencePlan {
  const { weights: groups, look, window = 1, seed = 0, align = 'none' } = options;
  const steps = stepsOf(options, adam());
  return {
    options: ({ landmarkNet, perceptual }) => ({
      ...referenceMode({ landmarkNet, perceptual }, { groups, lpips: look ? 1 : 0 }),
      ...{ steps, window, seed, tracking: { align } },
    }),
    settings: {
      ...{ preset: 'reference', steps, window, seed, align },
      weights: resolvedWeights({ ...originalGroupWeights, ...groups }),
    },
  };
}

function stepsOf({ stepsFirst, stepsNext }: AnimateOptions, { steps: { first, next } }: Optimizer) {
  return { first: stepsFirst ?? first, next: stepsNext ?? next };
}

/** The weight of each landmark group, defaults filled in. */
function resolvedWeights(groups: GroupWeights | undefined): Record<string, number> {
  const weights = landmarkWeights(groups);
  return Object.fromEntries(
    // The landmark in the middle: groups may share their ends. Rounded, since weights are 32-bit floats.
    Object.entries(landmarkGroups).map(([name, [first, last]]) => [
      name,
      Number(weights[(first + last) >> 1]!.toPrecision(7)),
    ]),
  );
}
