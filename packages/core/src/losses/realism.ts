import { FaceanimError } from '@faceanim/tensor';
import { checkOptions, type OptionChecks } from '@faceanim/tensor/options';
import * as tf from '@tensorflow/tfjs-core';
import type { Discriminator } from '../contracts/discriminator';
import { discriminatorCheck, scalarOrSchedule } from '../options';
import type { LossTerm } from './loss-term';
import type { ScalarOrSchedule } from './schedule';

/** Options of {@link realism}. */
export interface RealismOptions {
  /** That of the generator's own training, of the same resolution. */
  discriminator: Discriminator;
  /** Default 0.1. */
  weight?: ScalarOrSchedule;
}

const checks: OptionChecks<RealismOptions> = { discriminator: discriminatorCheck, weight: scalarOrSchedule };

/**
 * How real the discriminator finds the image: softplus(-D(x)), the generator's loss of StyleGAN (Karras et al. 2019,
 * arXiv 1812.04948). D gets the image as the generator gives it, values beyond -1..1 included, as in the generator's own
 * training and in the original program (its recorded losses agree so to 1e-3, and are 8 % off with a clamp).
 */
export function realism(options: RealismOptions): LossTerm {
  checkOptions('realism', options, checks, { prefix: 'realism.', required: ['discriminator'] });
  const { discriminator, weight = 0.1 } = options;
  return {
    specificationVersion: 'v1',
    name: 'realism',
    weight,
    check: ({ generator }) => {
      if (discriminator.resolution === generator.resolution) return;
      const sizes = `${discriminator.resolution} pixels, and the generator's images have ${generator.resolution}`;
      throw new FaceanimError('invalid-option', `The discriminator of realism takes images of ${sizes}.`, {
        hint: 'Pass the discriminator that was trained with the generator; their checkpoint has both.',
      });
    },
    value: ({ image }) => tf.softplus(tf.neg(discriminator.logits(image()))),
  };
}
