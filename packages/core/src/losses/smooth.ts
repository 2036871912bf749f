import { checkOptions, type OptionChecks, oneOf } from '@faceanim/tensor/options';
import { scalarOrSchedule } from '../options';
import type { LossTerm } from './loss-term';
import { type LatentNorm, latentDistance } from './norms';
import type { ScalarOrSchedule } from './schedule';

/** Options of {@link smooth}. */
export interface SmoothOptions {
  /** λ3. Default 0.05, as in the original program. */
  weight?: ScalarOrSchedule;
  /** How the distance is measured. Default `l2`. */
  norm?: LatentNorm;
}

const checks: OptionChecks<SmoothOptions> = { weight: scalarOrSchedule, norm: oneOf('l2', 'original') };

/**
 * Loss term that makes the animation smooth: distance of the latent to that of the previous frame, over all layers and
 * dimensions of W+. Does not apply to the first frame of a shot. Within a batch of frames it moves both neighbours. As a
 * norm, not a square, it holds the latent still where moving would improve the other terms less than it costs.
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
