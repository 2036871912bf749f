import { checkOptions, type OptionChecks } from '@faceanim/tensor/options';
import * as tf from '@tensorflow/tfjs-core';
import { scalarOrSchedule } from '../options';
import type { LossTerm } from './loss-term';
import { needsLook } from './needs-look';
import type { ScalarOrSchedule } from './schedule';

/** Options of {@link pixel}. */
export interface PixelOptions {
  /** Default 1. */
  weight?: ScalarOrSchedule;
}

const checks: OptionChecks<PixelOptions> = { weight: scalarOrSchedule };

/**
 * Mean squared difference of the result to the look, both in -1..1. A companion of a perceptual network that is weak
 * on overall colour, such as the bundled LPIPS student.
 */
export function pixel(options: PixelOptions = {}): LossTerm {
  checkOptions('pixel', options, checks, { prefix: 'pixel.' });
  const { weight = 1 } = options;
  return {
    specificationVersion: 'v1',
    name: 'pixel',
    weight,
    check: needsLook('pixel'),
    value: ({ image, look }) => tf.mean(tf.square(tf.sub(image(), look!)), [1, 2, 3]),
  };
}
