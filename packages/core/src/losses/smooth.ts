import { checkOptions, type OptionChecks, oneOf, trueOrFalse } from '@faceanim/tensor/options';
import { withKey } from '../alike';
import { scalarOrSchedule } from '../options';
import type { LossTerm } from './loss-term';
import { type LatentNorm, latentDistance } from './norms';
import type { ScalarOrSchedule } from './schedule';

/** Options of {@link smooth}. */
export interface SmoothOptions {
  /** λ3. Default 0.25. */
  weight?: ScalarOrSchedule;
  /**
   * Whether the weight is relative, so that it fits every generator: with 1, the distance of a random face from the mean face
   * counts as 1. With `false` the weight is the factor of the distance. Default true.
   */
  relative?: boolean;
  /** How the distance is measured. Default `l2`. */
  norm?: LatentNorm;
}

const checks: OptionChecks<SmoothOptions> = {
  weight: scalarOrSchedule,
  relative: trueOrFalse,
  norm: oneOf('l2', 'original'),
};

/**
 * Loss term that makes the animation smooth: distance of the latent to that of the previous frame, over all layers and
 * dimensions of W+. Does not apply to the first frame of a shot. Within a batch of frames it moves both neighbours. As a
 * norm, not a square, it holds the latent still where moving would improve the other terms less than it costs.
 */
export function smooth(options: SmoothOptions = {}): LossTerm {
  checkOptions('smooth', options, checks, { prefix: 'smooth.' });
  const { weight = 0.25, relative = true, norm = 'l2' } = options;
  return withKey([smooth], {
    specificationVersion: 'v1',
    name: 'smooth',
    weight,
    imageSize: 0,
    relative,
    settings: { norm },
    applies: (frame) => frame.previous !== undefined,
    value: ({ ws, previous }) => latentDistance(ws, previous!, norm),
  });
}
