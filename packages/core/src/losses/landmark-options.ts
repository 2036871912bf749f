import { aFunction, anything, aString, type OptionChecks, oneOf } from '@faceanim/tensor/options';
import { defaultWeightsOf, type GroupWeights } from '../landmarks/groups';
import { standardLandmarkInput } from '../landmarks/landmark-input';
import { landmarkNetCheck, scalarOrSchedule } from '../options';
import type { LandmarkView } from './landmark-heatmaps';
import type { ScalarOrSchedule } from './schedule';

/** Options of the loss terms that compare landmarks: {@link heatmaps} and {@link landmarks}. */
export interface LandmarkTermOptions extends LandmarkView {
  /** The name of its value in `losses`, for a second one in a run. Default: that of the function. */
  name?: string;
  /** Weight of the term. Default 1. */
  weight?: ScalarOrSchedule;
  /** λ_landmark: weights of landmark groups. Groups that are not listed keep their default. */
  groups?: GroupWeights;
}

/** Checks of {@link LandmarkTermOptions}. */
export const landmarkTermChecks: OptionChecks<LandmarkTermOptions> = {
  net: landmarkNetCheck,
  input: aFunction,
  target: oneOf('driver', 'drawn-landmarks'),
  name: aString,
  weight: scalarOrSchedule,
  // landmarkWeights checks them.
  groups: anything,
};

/** The options that affect latents, with defaults filled in. */
export function landmarkTermSettings({ net, input, target = 'driver', groups }: LandmarkTermOptions) {
  return {
    groups: { ...defaultWeightsOf(net), ...groups },
    input: input === undefined || input === standardLandmarkInput ? 'standard' : input,
    target,
  };
}

/** The `imageSize` of a term. What an `input` of the caller needs is not known. */
export function landmarkImageSize({ net, input }: LandmarkTermOptions): number | undefined {
  return input === undefined || input === standardLandmarkInput ? net.inputSize : undefined;
}
