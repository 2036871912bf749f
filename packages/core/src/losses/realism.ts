import { FaceanimError } from '@faceanim/tensor';
import { checkOptions, type OptionChecks } from '@faceanim/tensor/options';
import * as tf from '@tensorflow/tfjs-core';
import { withKey } from '../alike';
import type { Discriminator } from '../contracts/discriminator';
import { discriminatorCheck, scalarOrSchedule } from '../options';
import type { LossTerm } from './loss-term';
import type { ScalarOrSchedule } from './schedule';

/** Options of {@link realism}. */
export interface RealismOptions {
  /** The discriminator with which the generator was trained, of the same resolution. */
  net: Discriminator;
  /** Weight of the term. Default 0.1. */
  weight?: ScalarOrSchedule;
}

const checks: OptionChecks<RealismOptions> = { net: discriminatorCheck, weight: scalarOrSchedule };

/**
 * Loss term that makes the result look real to a discriminator D: softplus(-D(x)), the generator's loss of StyleGAN (Karras et
 * al. 2019, arXiv 1812.04948). D sees the image unclamped, as in training and in the original program, whose recorded losses
 * agree to 1e-3; with a clamp they differ by 8 %.
 */
export function realism(options: RealismOptions): LossTerm {
  checkOptions('realism', options, checks, { prefix: 'realism.', required: ['net'] });
  const { net, weight = 0.1 } = options;
  return withKey([realism, net], {
    specificationVersion: 'v1',
    name: 'realism',
    weight,
    check: ({ generator }) => {
      if (net.resolution === generator.resolution) return;
      const sizes = `${net.resolution} pixels, but the generator's images have ${generator.resolution}`;
      throw new FaceanimError('invalid-option', `The discriminator of realism takes images of ${sizes}.`, {
        hint: 'Pass the discriminator that was trained with the generator; most checkpoints hold both.',
      });
    },
    value: ({ image }) => tf.softplus(tf.neg(net.logits(image()))),
  });
}
