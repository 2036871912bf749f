import { checkOptions, type OptionChecks } from '@faceanim/tensor/options';
import * as tf from '@tensorflow/tfjs-core';
import { scalarOrSchedule } from '../options';
import type { LossTerm } from './loss-term';
import { noiseRegularization } from './noise-maps';
import type { ScalarOrSchedule } from './schedule';

/** Options of {@link noise}. */
export interface NoiseOptions {
  /** Weight of the term. Default 1e5, as in the StyleGAN2 projector. */
  weight?: ScalarOrSchedule;
}

const checks: OptionChecks<NoiseOptions> = { weight: scalarOrSchedule };

/**
 * Loss term that keeps optimised noise maps free of structure: their squared autocorrelation at every resolution down to 8
 * pixels (StyleGAN2 projector, Karras et al. 2020, arXiv 1912.04958, appendix D). 0 if noise maps are not optimised.
 */
export function noise(options: NoiseOptions = {}): LossTerm {
  checkOptions('noise', options, checks, { prefix: 'noise.' });
  const { weight = 1e5 } = options;
  return {
    specificationVersion: 'v1',
    name: 'noise',
    weight,
    imageSize: 0,
    // All frames of a batch share the maps.
    value: ({ noise, ws }) =>
      tf.tile(tf.reshape(noiseRegularization(Object.values(noise)), [1]), [ws.shape[0]!]),
  };
}
