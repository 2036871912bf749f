import * as tf from '@tensorflow/tfjs-core';
import type { ImageTensor } from '../contracts/image';
import type { FrameContext, LossTerm } from '../contracts/loss-term';
import type { ScalarOrSchedule } from '../contracts/progress';
import { shrinkTo } from '../tensor/resize';

/** Options of {@link lpips}. */
export interface LpipsOptions {
  /** λ1. Default 1. */
  weight?: ScalarOrSchedule;
  /** Images larger than this are shrunk to it by area first, in pixels. Default 256, as in the original. */
  size?: number;
}

/**
 * Perceptual distance of the result to the look (LPIPS, Zhang et al. 2018, arXiv 1801.03924) with the trunk of the
 * run's `perceptual` network. The features of the look are computed once a run.
 */
export function lpips({ weight = 1, size = 256 }: LpipsOptions = {}): LossTerm<tf.Tensor4D[]> {
  const features = (frame: FrameContext, image: ImageTensor<'signed'>) =>
    frame.networks.perceptual!.features(shrinkTo(image, size));
  return {
    specificationVersion: 'v1',
    name: 'lpips',
    weight,
    requires: ['look', 'perceptual'],
    preparedFor: 'run',
    prepare: (frame) => features(frame, frame.look!),
    value: ({ frame, image }, look) =>
      tf.mean(frame.networks.perceptual!.distance(features(frame, image()), look)),
  };
}
