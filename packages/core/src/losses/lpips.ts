import { shrinkTo } from '@faceanim/tensor';
import {
  aString,
  checkOptions,
  type OptionChecks,
  trueOrFalse,
  wholeNumberFrom,
} from '@faceanim/tensor/options';
import type * as tf from '@tensorflow/tfjs-core';
import { withKey } from '../alike';
import type { PerceptualNet } from '../contracts/perceptual-net';
import { perceptualCheck, scalarOrSchedule } from '../options';
import type { LossTerm } from './loss-term';
import { needsLook } from './needs-look';
import { posedLook } from './posed-look';
import type { ScalarOrSchedule } from './schedule';
import { shrunkImage } from './shrunk-image';

/** Options of {@link lpips}. */
export interface LpipsOptions {
  /** The perceptual network. */
  net: PerceptualNet;
  /** The name of its value in `losses`, for a second one in a run. Default `lpips`. */
  name?: string;
  /** λ1. Default 1. */
  weight?: ScalarOrSchedule;
  /**
   * Whether the weight is relative, so that it fits every generator and network: with 1, the distance of a random face from the
   * mean face counts as 1. With `false` the weight is the factor of the distance. Default true.
   */
  relative?: boolean;
  /** Larger images are shrunk to this size in pixels, by area. Default 256, as in the original program. */
  size?: number;
}

const checks: OptionChecks<LpipsOptions> = {
  net: perceptualCheck,
  name: aString,
  weight: scalarOrSchedule,
  relative: trueOrFalse,
  size: wholeNumberFrom(1),
};

/**
 * Loss term that keeps the result similar to the look: their perceptual distance (LPIPS: Zhang et al. 2018, arXiv
 * 1801.03924). In a run with a target, the look is posed as the result should be; see {@link posedLook}.
 */
export function lpips(options: LpipsOptions): LossTerm<tf.Tensor4D[]> {
  checkOptions('lpips', options, checks, { prefix: 'lpips.', required: ['net'] });
  const { net, name = 'lpips', weight = 1, relative = true, size = 256 } = options;
  return withKey([lpips, net], {
    specificationVersion: 'v1',
    name,
    weight,
    relative,
    imageSize: size,
    settings: { size },
    check: needsLook(name),
    prepareForRun: ({ look }) => net.features(shrinkTo(look!, size)),
    preparesTargets: true,
    prepare: (frame) => net.features(shrinkTo(posedLook(frame), size)),
    value: (step, look) => {
      const shrunk = shrunkImage(step, size);
      return net.distanceTo?.(shrunk, look) ?? net.distance(net.features(shrunk), look);
    },
  });
}
