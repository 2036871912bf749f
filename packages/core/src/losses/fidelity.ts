import { checkOptions, type OptionChecks, oneOf } from '@faceanim/tensor/options';
import { scalarOrSchedule } from '../options';
import type { LossTerm } from './loss-term';
import { type LatentNorm, latentDistance } from './norms';
import type { ScalarOrSchedule } from './schedule';

/** Options of {@link fidelity}. */
export interface FidelityOptions {
  /** λ4. Default 0.05, the original's. */
  weight?: ScalarOrSchedule;
  /** Default `l2`. */
  norm?: LatentNorm;
}

const checks: OptionChecks<FidelityOptions> = { weight: scalarOrSchedule, norm: oneOf('l2', 'original') };

/**
 * Fidelity(w^i, ŵ): distance of the latent to the mean latent over all layers and dimensions of W+, which keeps the
 * result a typical face where no look holds it.
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
