import { anything, checkOptions, numberFrom, type OptionChecks, trueOrFalse } from '@faceanim/tensor/options';
import type { LossTerm } from '../contracts/loss-term';
import type { ScalarOrSchedule } from '../contracts/progress';
import type { GroupWeights } from '../landmarks/groups';
import { fidelity } from '../losses/fidelity';
import { heatmaps } from '../losses/heatmaps';
import { landmarks } from '../losses/landmarks';
import { lpips } from '../losses/lpips';
import { pixel } from '../losses/pixel';
import { prior } from '../losses/prior';
import { smooth } from '../losses/smooth';

/** Options of {@link identityLosses} and {@link freeLosses}. */
export interface DefaultLossesOptions {
  /** λ_landmark: weights of landmark groups; groups that are left out keep their default. */
  groups?: GroupWeights;
  /** λ3 of `smooth`. Default 0.03. */
  smooth?: number;
}

/** Options of {@link identityLosses}. */
export interface IdentityLossesOptions extends DefaultLossesOptions {
  /** Whether frame 0 starts at the guess of an {@link Encoder}: landmarks then take part from the beginning. Default no. */
  encoded?: boolean;
}

const defaultChecks: OptionChecks<DefaultLossesOptions> = {
  // Checked with their values by landmarkWeights.
  groups: anything,
  smooth: numberFrom(0),
};

/**
 * The terms of identity mode (there is a look) outside reference mode. With a third of this pixel error the skin of the
 * result wanders, since landmarks are found more easily on a pale face.
 */
export function identityLosses(options: IdentityLossesOptions = {}): LossTerm[] {
  checkOptions('identityLosses', options, { ...defaultChecks, encoded: trueOrFalse });
  const { groups, smooth: lambda = 0.03, encoded = false } = options;
  return [
    lpips(),
    pixel({ weight: 3 }),
    ...landmarkLosses(groups, inStages(encoded ? [0, 0.3] : [0.25, 0.5])),
    smooth({ weight: lambda }),
    prior(),
  ];
}

/** The terms of free mode (no look) outside reference mode. */
export function freeLosses(options: DefaultLossesOptions = {}): LossTerm[] {
  checkOptions('freeLosses', options, defaultChecks);
  const { groups, smooth: lambda = 0.03 } = options;
  return [...landmarkLosses(groups), smooth({ weight: lambda }), fidelity({ weight: 0.01 }), prior()];
}

/** Coordinates for the way, heat maps for the last pixels. */
function landmarkLosses(
  groups: GroupWeights | undefined,
  weight = (full: number): ScalarOrSchedule => full,
): LossTerm[] {
  return [landmarks({ weight: weight(4), groups }), heatmaps({ weight: weight(1.2), groups, scales: 3 })];
}

/**
 * In frame 0 the look comes first: no landmarks at all, then a quarter of their weight, then all of it. Together from the
 * start, the landmarks lead from ŵ into faces of other people. In stages, since quasi-Newton steps learn the curvature of
 * an objective that stays the same for a while.
 *
 * @param stages shares of the steps after which the second and the third begin.
 */
const inStages =
  ([quarter, all]: readonly [number, number]) =>
  (full: number): ScalarOrSchedule =>
  ({ frame, progress }) =>
    frame > 0 || progress >= all ? full : progress >= quarter ? full / 4 : 0;
