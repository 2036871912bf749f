import * as tf from '@tensorflow/tfjs-core';
import type { LandmarkNet } from '../contracts/landmark-net';
import { imageToTensor } from '../images/image-tensors';
import { drawLandmarks } from '../landmarks/draw';
import { type LandmarkInput, standardLandmarkInput } from '../landmarks/landmark-input';
import type { FrameContext, StepContext } from './loss-term';

/** The picture from which the driver's heat maps are computed: the driver frame, or, as in the original program, one with its landmarks drawn on it. */
export type LandmarkTarget = 'driver' | 'drawn-landmarks';

/** A landmark network, and how its input is prepared. */
export interface LandmarkView {
  /** The landmark network. */
  readonly net: LandmarkNet;
  /** Prepares pictures for the network. Default `standardLandmarkInput` of `@faceanim/core/landmarks`. */
  readonly input?: LandmarkInput;
  /** The picture whose heat maps are the target. Default `driver`. */
  readonly target?: LandmarkTarget;
}

/**
 * Heat maps of the driver frames, `[batch, heatmapSize, heatmapSize, points]`. Call it in `prepare` of a loss term; terms with
 * the same network, input and target share the result.
 */
export function driverHeatmaps({ drivers, memo }: FrameContext, view: LandmarkView): tf.Tensor4D {
  const { net, input = standardLandmarkInput, target = 'driver' } = view;
  const heatmaps = ({ image, alignedLandmarks }: (typeof drivers)[number]) => {
    const shown = target === 'driver' ? image : drawLandmarks(image, alignedLandmarks);
    return tf.tidy(() => net.heatmaps(input(imageToTensor(shown, 'signed'), net, 'driver')));
  };
  return memo([net, input, target, 'driver heat maps'], () => tf.concat(drivers.map(heatmaps)));
}

/**
 * Heat maps of the result, `[batch, heatmapSize, heatmapSize, points]`. Differentiable. Call it in `value` of a loss term;
 * terms with the same network and input share the result.
 */
export function imageHeatmaps({ image, memo }: StepContext, view: LandmarkView): tf.Tensor4D {
  const { net, input = standardLandmarkInput } = view;
  return memo([net, input, 'image heat maps'], () => net.heatmaps(input(image(), net, 'result')));
}
