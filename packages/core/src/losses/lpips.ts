import { shrinkTo } from '@faceanim/tensor';
import { checkOptions, type OptionChecks, wholeNumberFrom } from '@faceanim/tensor/options';
import type * as tf from '@tensorflow/tfjs-core';
import type { LossTerm } from '../contracts/loss-term';
import type { ScalarOrSchedule } from '../contracts/progress';
import { scalarOrSchedule } from '../options';

/** Options of {@link lpips}. */
export interface LpipsOptions {
  /** λ1. Default 1. */
  weight?: ScalarOrSchedule;
  /** Images larger than this are shrunk to it by area first, in pixels. Default 256, as in the original. */
  size?: number;
}

const checks: OptionChecks<LpipsOptions> = { weight: scalarOrSchedule, size: wholeNumberFrom(1) };

/**
 * Perceptual distance of the result to the look (LPIPS, Zhang et al. 2018, arXiv 1801.03924) with the trunk of the
 * run's `perceptual` network. The features of the look are computed once a run.
 */
export function lpips(options: LpipsOptions = {}): LossTerm<tf.Tensor4D[]> {
  checkOptions('lpips', options, checks, { prefix: 'lpips.' });
  const { weight = 1, size = 256 } = options;
  return {
    specificationVersion: 'v1',
    name: 'lpips',
    weight,
    settings: { size },
    requires: ['look', 'perceptual'],
    preparedFor: 'run',
    prepare: ({ networks, look }) => networks.perceptual!.features(shrinkTo(look!, size)),
    value: ({ frame, image }, look) => {
      const net = frame.networks.perceptual!;
      const shrunk = shrinkTo(image(), size);
      return net.distanceTo?.(shrunk, look) ?? net.distance(net.features(shrunk), look);
    },
  };
}
