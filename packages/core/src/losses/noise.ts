import { checkOptions, type OptionChecks } from '@faceanim/tensor/options';
import * as tf from '@tensorflow/tfjs-core';
import { scalarOrSchedule } from '../options';
import type { LossTerm } from './loss-term';
import { noiseRegularization } from './noise-maps';
import type { ScalarOrSchedule } from './schedule';

/** Options of {@link noise}. */
export interface NoiseOptions {
  /** Default 1e5, the projector's. */
  weight?: ScalarOrSchedule;
}

const checks: OptionChecks<NoiseOptions> = { weight: scalarOrSchedule };

/**
 * Keeps optimised noise maps noise: squared autocorrelation with the neighbour in x and y at every resolution down to
 * 8 pixels (StyleGAN2's projector, Karras et al. 2020, arXiv 1912.04958, appendix D). Takes part only where noise maps
 * are optimised or, as in the original program, counted.
 */
export function noise(options: NoiseOptions = {}): LossTerm {
  checkOptions('noise', options, checks, { prefix: 'noise.' });
  const { weight = 1e5 } = options;
  return {
    specificationVersion: 'v1',
    name: 'noise',
    weight,
    // All frames of a batch share the maps.
    value: ({ noise, ws }) =>
      tf.tile(tf.reshape(noiseRegularization(Object.values(noise)), [1]), [ws.shape[0]!]),
  };
}
