import type { LossTerm } from '../contracts/loss-term';
import type { GroupWeights } from '../landmarks/groups';
import { fan } from '../losses/fan';
import { fidelity } from '../losses/fidelity';
import { landmarks } from '../losses/landmarks';
import { lpips } from '../losses/lpips';
import { pixel } from '../losses/pixel';
import { prior } from '../losses/prior';
import { smooth } from '../losses/smooth';

/** Options of {@link identityLosses} and {@link freeLosses}. */
export interface DefaultLossesOptions {
  /** λ_landmark: weights of landmark groups; groups that are left out keep their default. */
  groups?: GroupWeights;
  /** λ3 of `smooth`. Default 0.01. */
  smooth?: number;
}

/** The terms of identity mode (there is a look) outside reference mode. */
export function identityLosses({ groups, smooth: lambda = 0.01 }: DefaultLossesOptions = {}): LossTerm[] {
  return [lpips(), pixel(), ...landmarkLosses(groups), smooth({ weight: lambda }), prior()];
}

/** The terms of free mode (no look) outside reference mode. */
export function freeLosses({ groups, smooth: lambda = 0.01 }: DefaultLossesOptions = {}): LossTerm[] {
  return [...landmarkLosses(groups), smooth({ weight: lambda }), fidelity({ weight: 0.01 }), prior()];
}

/** Coordinates for the way, heat maps for the last pixels. */
function landmarkLosses(groups: GroupWeights | undefined): LossTerm[] {
  return [landmarks({ weight: 5, groups }), fan({ weight: 0.75, groups, scales: 3 }) as LossTerm] as LossTerm[];
}
