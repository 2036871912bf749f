import { type ImageTensor, weightedSquareDistance } from '@faceanim/tensor';
import { checkOptions, type OptionChecks, trueOrFalse } from '@faceanim/tensor/options';
import * as tf from '@tensorflow/tfjs-core';
import { scalarOrSchedule } from '../options';
import type { LossTerm } from './loss-term';
import { needsLook } from './needs-look';
import { posedLook } from './posed-look';
import type { ScalarOrSchedule } from './schedule';

/** Options of {@link pixel}. */
export interface PixelOptions {
  /** Weight of the term. Default 1. */
  weight?: ScalarOrSchedule;
  /**
   * Whether the weight is relative, so that it fits every generator: with 1, the distance of a random face from the mean face
   * counts as 1. With `false` the weight is the factor of the distance. Default true.
   */
  relative?: boolean;
}

const checks: OptionChecks<PixelOptions> = { weight: scalarOrSchedule, relative: trueOrFalse };

/**
 * Loss term that keeps the colours of the look: mean squared difference between result and look, both in -1..1. It
 * complements perceptual networks that ignore overall colour, such as the bundled one. In a run with a target, the look is
 * posed as the result should be; see {@link posedLook}.
 */
export function pixel(options: PixelOptions = {}): LossTerm<ImageTensor<'signed'>> {
  checkOptions('pixel', options, checks, { prefix: 'pixel.' });
  const { weight = 1, relative = true } = options;
  return {
    specificationVersion: 'v1',
    name: 'pixel',
    weight,
    relative,
    check: needsLook('pixel'),
    prepareForRun: ({ look }) => look!,
    prepare: posedLook,
    value: ({ image }, look) => {
      const [, height, width, channels] = look.shape;
      const mean = tf.tensor1d(new Array(channels).fill(1 / (height * width * channels)));
      return weightedSquareDistance(image(), look, mean);
    },
  };
}
