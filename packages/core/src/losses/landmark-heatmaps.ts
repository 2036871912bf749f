import * as tf from '@tensorflow/tfjs-core';
import type { LandmarkNet } from '../contracts/landmark-net';
import { imageToTensor } from '../images/image-tensors';
import { drawLandmarks } from '../landmarks/draw';
import { type LandmarkInput, standardLandmarkInput } from '../landmarks/landmark-input';
import type { FrameContext, StepContext } from './loss-term';

/** What the landmark network sees of the driver: the picture, or, as in the original program, landmarks drawn onto it. */
export type LandmarkTarget = 'driver' | 'drawn-landmarks';

/** A landmark network and how pictures are shown to it. */
export interface LandmarkView {
  readonly net: LandmarkNet;
  /** How pictures are made inputs of the network. Default {@link standardLandmarkInput}. */
  readonly input?: LandmarkInput;
  /** Default `driver`. */
  readonly target?: LandmarkTarget;
}

/**
 * Heat maps of the driver frames `[batch, heatmapSize, heatmapSize, points]`, for the `prepare` of a loss term. Terms with
 * the same network, input and target share them.
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
 * Heat maps of the images of a step `[batch, heatmapSize, heatmapSize, points]`, for the `value` of a loss term;
 * differentiable. Terms with the same network and input share them.
 */
export function imageHeatmaps({ image, memo }: StepContext, view: LandmarkView): tf.Tensor4D {
  const { net, input = standardLandmarkInput } = view;
  return memo([net, input, 'image heat maps'], () => net.heatmaps(input(image(), net, 'result')));
}
