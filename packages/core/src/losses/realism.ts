import { checkOptions, type OptionChecks } from '@faceanim/tensor/options';
import * as tf from '@tensorflow/tfjs-core';
import type { LossTerm } from '../contracts/loss-term';
import type { ScalarOrSchedule } from '../contracts/progress';
import { scalarOrSchedule } from '../options';

/** Options of {@link realism}. */
export interface RealismOptions {
  /** Default 0.1. */
  weight?: ScalarOrSchedule;
}

const checks: OptionChecks<RealismOptions> = { weight: scalarOrSchedule };

/**
 * How real the discriminator finds the image: softplus(-D(x)), the generator's loss of StyleGAN (Karras et al. 2019,
 * arXiv 1812.04948). D gets the image as the generator gives it, values beyond -1..1 included, as in the generator's own
 * training and in the original program (its recorded losses agree so to 1e-3, and are 8 % off with a clamp).
 */
export function realism(options: RealismOptions = {}): LossTerm {
  checkOptions('realism', options, checks, { prefix: 'realism.' });
  const { weight = 0.1 } = options;
  return {
    specificationVersion: 'v1',
    name: 'realism',
    weight,
    requires: ['discriminator'],
    value: ({ frame, image }) => tf.softplus(tf.neg(frame.networks.discriminator!.logits(image()))),
  };
}
