import type { LandmarkNet } from '@faceanim/core';
import type { Weights } from '@faceanim/tensor';
import { accepting, aString, type OptionChecks, wholeNumberFrom } from '@faceanim/tensor/options';
import type { Architecture } from '../networks/architecture';

/** Options of {@link createLandmarkNet}. */
export interface CreateLandmarkNetOptions {
  /** Number of hourglass modules of a FAN to run, from the first: fewer are faster and less accurate. Default all. */
  modules?: number;
  /**
   * First and last landmark of each part of the face, for a network with other landmarks than iBUG's 68. Loss terms weigh
   * parts by these names.
   */
  groups?: LandmarkNet['groups'];
  /** File the weights come from, for messages. */
  file?: string;
}

/** What {@link CreateLandmarkNetOptions} accept. */
export const landmarkNetChecks: OptionChecks<CreateLandmarkNetOptions> = {
  modules: wholeNumberFrom(1),
  groups: accepting(
    'groups of landmarks, { NAME: [FIRST, LAST] }',
    (value) =>
      typeof value === 'object' &&
      value !== null &&
      Object.values(value).every((range) => Array.isArray(range) && range.length === 2),
  ),
  file: aString,
};

/** A landmark network architecture. */
export interface LandmarkNetArchitecture extends Architecture {
  /** @throws FaceanimError `weights-mismatch` for other tensors, `invalid-option` for `modules` that do not exist */
  create(weights: Weights, options: CreateLandmarkNetOptions): LandmarkNet;
}
