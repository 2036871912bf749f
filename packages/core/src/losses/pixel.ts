import { type ImageTensor, shrinkTo, weightedSquareDistance } from '@faceanim/tensor';
import { checkOptions, type OptionChecks, trueOrFalse, wholeNumberFrom } from '@faceanim/tensor/options';
import * as tf from '@tensorflow/tfjs-core';
import { withKey } from '../alike';
import { scalarOrSchedule } from '../options';
import type { LossTerm } from './loss-term';
import { needsLook } from './needs-look';
import { posedLook } from './posed-look';
import type { ScalarOrSchedule } from './schedule';
import { shrunkImage } from './shrunk-image';

/** Options of {@link pixel}. */
export interface PixelOptions {
  /** Weight of the term. Default 1. */
  weight?: ScalarOrSchedule;
  /**
   * Whether the weight is relative, so that it fits every generator: with 1, the distance of a random face from the mean face
   * counts as 1. With `false` the weight is the factor of the distance. Default true.
   */
  relative?: boolean;
  /** Larger images are shrunk to this size in pixels, by area. Default 256. */
  size?: number;
}

const checks: OptionChecks<PixelOptions> = {
  weight: scalarOrSchedule,
  relative: trueOrFalse,
  size: wholeNumberFrom(1),
};

/**
 * Loss term that keeps the colours of the look: mean squared difference between result and look, both in -1..1. It
 * complements perceptual networks that ignore overall colour, such as the bundled one. In a run with a target, the look is
 * posed as the result should be; see {@link posedLook}.
 */
export function pixel(options: PixelOptions = {}): LossTerm<ImageTensor<'signed'>> {
  checkOptions('pixel', options, checks, { prefix: 'pixel.' });
  const { weight = 1, relative = true, size = 256 } = options;
  return withKey([pixel], {
    specificationVersion: 'v1',
    name: 'pixel',
    weight,
    relative,
    imageSize: size,
    settings: { size },
    check: needsLook('pixel'),
    prepareForRun: ({ look }) => shrinkTo(look!, size),
    preparesTargets: true,
    prepare: (frame) => shrinkTo(posedLook(frame), size),
    value: (step, look) => {
      const [, height, width, channels] = look.shape;
      const mean = tf.tensor1d(new Array(channels).fill(1 / (height * width * channels)));
      return weightedSquareDistance(shrunkImage(step, size), look, mean);
    },
  });
}
