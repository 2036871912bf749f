import { checkOptions, type OptionChecks, oneOf } from '@faceanim/tensor/options';
import { scalarOrSchedule } from '../options';
import type { LossTerm } from './loss-term';
import { type LatentNorm, latentDistance } from './norms';
import type { ScalarOrSchedule } from './schedule';

/** Options of {@link fidelity}. */
export interface FidelityOptions {
  /** λ4. Default 0.05, as in the original program. */
  weight?: ScalarOrSchedule;
  /** How the distance is measured. Default `l2`. */
  norm?: LatentNorm;
}

const checks: OptionChecks<FidelityOptions> = { weight: scalarOrSchedule, norm: oneOf('l2', 'original') };

/**
 * Loss term that keeps the result a typical face: distance of the latent to the mean latent ŵ, over all layers and
 * dimensions of W+. Useful without a look.
 */
export function fidelity(options: FidelityOptions = {}): LossTerm {
  checkOptions('fidelity', options, checks, { prefix: 'fidelity.' });
  const { weight = 0.05, norm = 'l2' } = options;
  return {
    specificationVersion: 'v1',
    name: 'fidelity',
    weight,
    settings: { norm },
    value: ({ ws, mean }) => latentDistance(ws, mean, norm),
  };
}
