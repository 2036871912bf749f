import { checkOptions, type OptionChecks, oneOf, trueOrFalse } from '@faceanim/tensor/options';
import { withKey } from '../alike';
import { scalarOrSchedule } from '../options';
import type { LossTerm } from './loss-term';
import { type LatentNorm, latentDistance } from './norms';
import type { ScalarOrSchedule } from './schedule';

/** Options of {@link fidelity}. */
export interface FidelityOptions {
  /** λ4. Default 0.3. */
  weight?: ScalarOrSchedule;
  /**
   * Whether the weight is relative, so that it fits every generator: with 1, the distance of a random face from the mean face
   * counts as 1. With `false` the weight is the factor of the distance. Default true.
   */
  relative?: boolean;
  /** How the distance is measured. Default `l2`. */
  norm?: LatentNorm;
}

const checks: OptionChecks<FidelityOptions> = {
  weight: scalarOrSchedule,
  relative: trueOrFalse,
  norm: oneOf('l2', 'original'),
};

/**
 * Loss term that keeps the result a typical face: distance of the latent to the mean latent ŵ, over all layers and
 * dimensions of W+. Useful without a look.
 */
export function fidelity(options: FidelityOptions = {}): LossTerm {
  checkOptions('fidelity', options, checks, { prefix: 'fidelity.' });
  const { weight = 0.3, relative = true, norm = 'l2' } = options;
  return withKey([fidelity], {
    specificationVersion: 'v1',
    name: 'fidelity',
    weight,
    imageSize: 0,
    relative,
    settings: { norm },
    value: ({ ws, mean }) => latentDistance(ws, mean, norm),
  });
}
