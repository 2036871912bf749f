import { anything, checkOptions, numberFrom, type OptionChecks } from '@faceanim/tensor/options';
import type { LandmarkNet } from '../contracts/landmark-net';
import type { PerceptualNet } from '../contracts/perceptual-net';
import type { GroupWeights } from '../landmarks/groups';
import { fidelity } from '../losses/fidelity';
import { heatmaps } from '../losses/heatmaps';
import { landmarks } from '../losses/landmarks';
import type { LossTerm } from '../losses/loss-term';
import { lpips } from '../losses/lpips';
import { pixel } from '../losses/pixel';
import { prior } from '../losses/prior';
import type { ScalarOrSchedule } from '../losses/schedule';
import { smooth } from '../losses/smooth';
import { landmarkNetCheck, packKeys, perceptualCheck } from '../options';

/**
 * Options of {@link freeLosses}.
 *
 * @category Losses
 */
export interface FreeLossesOptions {
  /** Finds the landmarks of the result and the driver, which are compared. */
  landmarkNet: LandmarkNet;
  /** λ_landmark: weights of landmark groups. Groups that are not listed keep their default. */
  groups?: GroupWeights;
  /** Weight of `smooth`, λ3. Default 0.25. */
  smooth?: number;
}

/**
 * Options of {@link identityLosses}.
 *
 * @category Losses
 */
export interface IdentityLossesOptions extends FreeLossesOptions {
  /** Compares the result with the look. */
  perceptual: PerceptualNet;
}

const freeChecks: OptionChecks<FreeLossesOptions> = {
  landmarkNet: landmarkNetCheck,
  // landmarkWeights checks them.
  groups: anything,
  smooth: numberFrom(0),
};

const elsewhere = {
  weights: "Change the terms: .map((term) => (term.name === 'prior' ? { ...term, weight: 0.2 } : term)).",
};

const identityChecks: OptionChecks<IdentityLossesOptions> = { ...freeChecks, perceptual: perceptualCheck };

/**
 * The default loss terms with a look (identity mode): {@link lpips}, {@link pixel}, {@link landmarks}, {@link heatmaps},
 * {@link smooth} and {@link prior}. A pack of networks can be passed as it is.
 *
 * @example
 * projectSequence({ ...models, look, driver, losses: [...identityLosses(models), myTerm()] })
 *
 * @throws FaceanimError `invalid-option`.
 *
 * @category Losses
 */
export function identityLosses(options: IdentityLossesOptions): LossTerm[] {
  checkOptions('identityLosses', options, identityChecks, {
    required: ['landmarkNet', 'perceptual'],
    ignored: packKeys,
    elsewhere,
  });
  const { landmarkNet: net, perceptual, groups, smooth: lambda = 0.25 } = options;
  return [
    lpips({ net: perceptual, weight: 0.3 }),
    // With a third of this weight the skin turns pale, since landmarks are found more easily on a pale face.
    pixel({ weight: 0.7 }),
    // Positions work at any distance, heat maps are accurate at the end.
    landmarks({ net, weight: lookFirst(7.5), groups }),
    heatmaps({ net, weight: lookFirst(2.25), groups, scales: 3 }),
    smooth({ weight: lambda }),
    prior(),
  ];
}

/**
 * The default loss terms without a look (free mode): {@link landmarks}, {@link heatmaps}, {@link smooth}, {@link fidelity} and
 * {@link prior}. A pack of networks can be passed as it is.
 *
 * @throws FaceanimError `invalid-option`.
 * @category Losses
 */
export function freeLosses(options: FreeLossesOptions): LossTerm[] {
  checkOptions('freeLosses', options, freeChecks, {
    required: ['landmarkNet'],
    ignored: packKeys,
    elsewhere,
  });
  const { landmarkNet: net, groups, smooth: lambda = 0.25 } = options;
  return [
    landmarks({ net, weight: 5, groups }),
    heatmaps({ net, weight: 1.5, groups, scales: 3 }),
    smooth({ weight: lambda }),
    fidelity({ weight: 0.3 }),
    prior(),
  ];
}

/**
 * Where a run starts at ŵ, landmarks come after the look: they have no weight at first, then a quarter of it, then all. At the
 * start they would lead to the face of another person. The weight rises in steps because quasi-Newton learns the curvature
 * only while the objective stays the same.
 */
const lookFirst =
  (full: number): ScalarOrSchedule =>
  ({ frame, progress, encoded }) =>
    frame > 0 || encoded || progress >= 0.5 ? full : progress >= 0.25 ? full / 4 : 0;
