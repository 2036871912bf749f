import { checkOptions, type OptionChecks, oneOf } from '@faceanim/tensor/options';
import { scalarOrSchedule } from '../options';
import type { LossTerm } from './loss-term';
import { type LatentNorm, latentDistance } from './norms';
import type { ScalarOrSchedule } from './schedule';

/** Options of {@link smooth}. */
export interface SmoothOptions {
  /** λ3. Default 0.05, the original's. */
  weight?: ScalarOrSchedule;
  /** Default `l2`. */
  norm?: LatentNorm;
}

const checks: OptionChecks<SmoothOptions> = { weight: scalarOrSchedule, norm: oneOf('l2', 'original') };

/**
 * Temporal smoothness smooth(w^i, w^{i-1}): distance of the latent to that of the frame before, over all layers and
 * dimensions of W+. Takes no part in frame 0. In a batch of frames it pulls both ways.
 */
export function smooth(options: SmoothOptions = {}): LossTerm {
  checkOptions('smooth', options, checks, { prefix: 'smooth.' });
  const { weight = 0.05, norm = 'l2' } = options;
  return {
    specificationVersion: 'v1',
    name: 'smooth',
    weight,
    settings: { norm },
    applies: (frame) => frame.previous !== undefined,
    value: ({ ws, previous }) => latentDistance(ws, previous!, norm),
  };
}
