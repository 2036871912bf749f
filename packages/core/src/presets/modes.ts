import { anything, checkOptions, numberFrom, type OptionChecks } from '@faceanim/tensor/options';
import type { GroupWeights } from '../landmarks/groups';
import { landmarkNetCheck, packKeys, perceptualCheck } from '../options';
import { type LandmarkModel, landmarkModelCheck } from '../retargeting/landmark-model';
import { retargeted } from '../retargeting/retargeted';
import type { ProjectSequenceOptions } from '../sequence/options';
import {
  type FreeLossesOptions,
  freeLosses,
  type IdentityLossesOptions,
  identityLosses,
} from './default-losses';
import { refuseSpread } from './refuse-spread';

/**
 * Options of {@link identityMode} and {@link freeMode}.
 *
 * @category Optimizers and presets
 */
export type ModeOptions = Pick<FreeLossesOptions, 'groups' | 'smooth'>;

/**
 * Options of {@link mouthMode}.
 *
 * @category Optimizers and presets
 */
export interface MouthModeOptions extends ModeOptions {
  /** Factors for the motion of landmark groups. Default 1 for mouth and jaw, and 0 for the others. */
  gain?: GroupWeights;
}

/**
 * Networks of {@link mouthMode}. A pack of networks can be passed as it is.
 *
 * @category Optimizers and presets
 */
export interface MouthModeNetworks extends Pick<IdentityLossesOptions, 'landmarkNet' | 'perceptual'> {
  /** Fitted to driver and look, it tells expressions from face shapes. */
  landmarkModel: LandmarkModel;
}

/**
 * The mode of {@link projectSequence} with a look, spelled out: the face of the look moves as the driver does. Like every mode,
 * it says what is animated, and combines with {@link fast} and {@link thorough}, which say how.
 *
 * @example
 * projectSequence({ ...models, look, driver, ...identityMode(models, { groups: { mouth: 5 } }) })
 *
 * @throws FaceanimError `invalid-option`.
 *
 * @category Optimizers and presets
 * @function
 */
export const identityMode = /* @__PURE__ */ refuseSpread(
  'identityMode',
  function identityMode(
    networks: Pick<IdentityLossesOptions, 'landmarkNet' | 'perceptual'>,
    options: ModeOptions = {},
  ): Pick<ProjectSequenceOptions, 'losses'> {
    return { losses: identityLosses({ ...networks, ...options }) };
  },
);

/**
 * The mode of {@link projectSequence} without a look, spelled out: the landmarks of the driver alone shape the face. A look is
 * dropped.
 *
 * @example
 * projectSequence({ ...models, driver, ...freeMode(models) })
 *
 * @throws FaceanimError `invalid-option`.
 *
 * @category Optimizers and presets
 * @function
 */
export const freeMode = /* @__PURE__ */ refuseSpread(
  'freeMode',
  function freeMode(
    networks: Pick<FreeLossesOptions, 'landmarkNet'>,
    options: ModeOptions = {},
  ): Pick<ProjectSequenceOptions, 'losses' | 'look' | 'target'> {
    return { look: undefined, target: 'driver', losses: freeLosses({ ...networks, ...options }) };
  },
);

const networkChecks: OptionChecks<MouthModeNetworks> = {
  landmarkNet: landmarkNetCheck,
  perceptual: perceptualCheck,
  landmarkModel: landmarkModelCheck,
};

const mouthChecks: OptionChecks<MouthModeOptions> = {
  // landmarkWeights checks these two.
  gain: anything,
  groups: anything,
  smooth: numberFrom(0),
};

/**
 * The factors of {@link mouthMode} for the motion of landmark groups.
 *
 * @category Optimizers and presets
 */
export const mouthGain: GroupWeights = { jaw: 1, brows: 0, noseBridge: 0, lowerNose: 0, eyes: 0, mouth: 1 };

/**
 * The group weights of {@link mouthMode} where they are not the default: the mouth counts more than the rest, which only has to
 * stay where it is.
 *
 * @category Optimizers and presets
 */
export const mouthGroupWeights: GroupWeights = { mouth: 4, jaw: 0.2, eyes: 2, brows: 3 };

/**
 * A mode of {@link projectSequence} for dubbing: only mouth and jaw move as the driver's do; the head pose and everything else
 * stay as in the look.
 *
 * @example
 * projectSequence({ ...models, look, driver, ...mouthMode(models) })
 *
 * @throws FaceanimError `invalid-option`, also without a `landmarkModel`.
 *
 * @category Optimizers and presets
 * @function
 */
export const mouthMode = /* @__PURE__ */ refuseSpread(
  'mouthMode',
  function mouthMode(
    networks: MouthModeNetworks,
    options: MouthModeOptions = {},
  ): Required<Pick<ProjectSequenceOptions, 'losses' | 'target'>> {
    checkOptions('mouthMode', networks, networkChecks, {
      required: ['landmarkNet', 'perceptual', 'landmarkModel'],
      ignored: packKeys,
    });
    checkOptions('mouthMode', options, mouthChecks);
    const { landmarkModel: model, landmarkNet, perceptual } = networks;
    const { gain, groups, smooth } = options;
    return {
      losses: identityLosses({ landmarkNet, perceptual, groups: changed(mouthGroupWeights, groups), smooth }),
      target: retargeted({ model, pose: 'look', gain: changed(mouthGain, gain) }),
    };
  },
);

/** Weights of groups that are `undefined` keep their default, as those that are left out do. */
function changed(defaults: GroupWeights, given: GroupWeights = {}): GroupWeights {
  const named = Object.entries(given).filter(([, weight]) => weight !== undefined);
  return { ...defaults, ...Object.fromEntries(named) };
}
