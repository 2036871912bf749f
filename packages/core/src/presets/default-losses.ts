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

/** Options of {@link freeLosses}. */
export interface FreeLossesOptions {
  /** Compares the landmarks of the result with those of the driver. */
  landmarkNet: LandmarkNet;
  /** λ_landmark: weights of landmark groups; groups that are left out keep their default. */
  groups?: GroupWeights;
  /** λ3 of `smooth`. Default 0.03. */
  smooth?: number;
}

/** Options of {@link identityLosses}. */
export interface IdentityLossesOptions extends FreeLossesOptions {
  /** Compares the result with the look. */
  perceptual: PerceptualNet;
}

const freeChecks: OptionChecks<FreeLossesOptions> = {
  landmarkNet: landmarkNetCheck,
  // Checked with their values by landmarkWeights.
  groups: anything,
  smooth: numberFrom(0),
};

const identityChecks: OptionChecks<IdentityLossesOptions> = { ...freeChecks, perceptual: perceptualCheck };

/**
 * The default loss terms with a look (identity mode). A pack of networks can be passed as it is.
 *
 * With a third of this pixel error the skin of the result wanders, since landmarks are found more easily on a pale face.
 *
 * @example
 * projectSequence({ ...models, look, driver, losses: [...identityLosses(models), myTerm()] })
 *
 * @throws FaceanimError `invalid-option`.
 */
export function identityLosses(options: IdentityLossesOptions): LossTerm[] {
  checkOptions('identityLosses', options, identityChecks, {
    required: ['landmarkNet', 'perceptual'],
    ignored: packKeys,
  });
  const { perceptual, smooth: lambda = 0.03 } = options;
  return [
    lpips({ net: perceptual }),
    pixel({ weight: 3 }),
    ...landmarkLosses(options, lookFirst),
    smooth({ weight: lambda }),
    prior(),
  ];
}

/**
 * The default loss terms without a look (free mode). A pack of networks can be passed as it is.
 *
 * @throws FaceanimError `invalid-option`.
 */
export function freeLosses(options: FreeLossesOptions): LossTerm[] {
  checkOptions('freeLosses', options, freeChecks, { required: ['landmarkNet'], ignored: packKeys });
  const { smooth: lambda = 0.03 } = options;
  return [...landmarkLosses(options), smooth({ weight: lambda }), fidelity({ weight: 0.01 }), prior()];
}

/** Coordinates to come near, heat maps for the last pixels. */
function landmarkLosses(
  { landmarkNet: net, groups }: FreeLossesOptions,
  weight = (full: number): ScalarOrSchedule => full,
): LossTerm[] {
  return [
    landmarks({ net, weight: weight(4), groups }),
    heatmaps({ net, weight: weight(1.2), groups, scales: 3 }),
  ];
}

/**
 * In frame 0 the look comes first: no landmarks at all, then a quarter of their weight, then all of it. Together from the
 * start, the landmarks lead from ŵ into faces of other people; from the guess of an encoder they do not, and take part
 * from the beginning. In stages, since quasi-Newton steps learn the curvature of an objective that stays the same for a
 * while.
 */
const lookFirst =
  (full: number): ScalarOrSchedule =>
  ({ frame, progress, encoded }) => {
    const [quarter, all] = encoded ? [0, 0.3] : [0.25, 0.5];
    return frame > 0 || progress >= all ? full : progress >= quarter ? full / 4 : 0;
  };
