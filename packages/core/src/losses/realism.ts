import * as tf from '@tensorflow/tfjs-core';
import type { LossTerm } from '../contracts/loss-term';
import type { ScalarOrSchedule } from '../contracts/progress';

/** Options of {@link realism}. */
export interface RealismOptions {
  /** Default 0.1. */
  weight?: ScalarOrSchedule;
}

/**
 * How real the discriminator finds the image: softplus(-D(x)), the generator's loss of StyleGAN (Karras et al. 2019,
 * arXiv 1812.04948). The original clamps the image to -1..1 before D.
 */
export function realism({ weight = 0.1 }: RealismOptions = {}): LossTerm {
  return {
    specificationVersion: 'v1',
    name: 'realism',
    weight,
    requires: ['critic'],
    value: ({ frame, image }) => tf.softplus(tf.neg(frame.networks.critic!.logits(image()))),
  };
}
