import { renamedOption } from '@faceanim/tensor/options';
import { type GroupWeights, ibug68, landmarkWeights } from '../landmarks/groups';

/** A gain of 1 for every landmark. */
const unchanged: GroupWeights = { jaw: 1, brows: 1, noseBridge: 1, lowerNose: 1, eyes: 1, mouth: 1 };

/**
 * The gain of each of the 68 landmarks.
 *
 * @throws FaceanimError `invalid-option` that names `gain`.
 */
export function gainsOf(gain: GroupWeights): Float32Array {
  try {
    return landmarkWeights(gain, ibug68, unchanged);
  } catch (error) {
    const renamed = renamedOption(error, 'A landmark group', 'gain: a landmark group');
    throw renamedOption(renamed, 'The weight of landmark group', 'gain of landmark group');
  }
}
