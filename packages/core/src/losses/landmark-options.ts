import { aFunction, anything, type OptionChecks, oneOf } from '@faceanim/tensor/options';
import { defaultWeightsOf, type GroupWeights } from '../landmarks/groups';
import { standardLandmarkInput } from '../landmarks/landmark-input';
import { landmarkNetCheck, scalarOrSchedule } from '../options';
import type { LandmarkView } from './landmark-heatmaps';
import type { ScalarOrSchedule } from './schedule';

/** Options of the loss terms that compare landmarks: {@link heatmaps} and {@link landmarks}. */
export interface LandmarkTermOptions extends LandmarkView {
  /** Default 1. */
  weight?: ScalarOrSchedule;
  /** λ_landmark: weights of landmark groups; groups that are left out keep their default. */
  groups?: GroupWeights;
}

/** What these options take. */
export const landmarkTermChecks: OptionChecks<LandmarkTermOptions> = {
  net: landmarkNetCheck,
  input: aFunction,
  target: oneOf('driver', 'drawn-landmarks'),
  weight: scalarOrSchedule,
  // Checked with their values by landmarkWeights.
  groups: anything,
};

/** What of these options decides about latents, with defaults filled in. */
export function landmarkTermSettings({ net, input, target = 'driver', groups }: LandmarkTermOptions) {
  return {
    groups: { ...defaultWeightsOf(net), ...groups },
    input: input === undefined || input === standardLandmarkInput ? 'standard' : input,
    target,
  };
}
