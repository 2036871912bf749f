import { FaceanimError } from '@faceanim/tensor';
import * as tf from '@tensorflow/tfjs-core';
import type { LandmarkNet } from '../contracts/landmark-net';
import { imageToTensor } from '../images/image-tensors';
import { drawLandmarks } from '../landmarks/draw';
import { type LandmarkInput, standardLandmarkInput } from '../landmarks/landmark-input';
import { drawTarget } from './draw-target';
import type { FrameContext, RunContext, StepContext, TargetHeatmapShape } from './loss-term';

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
 * The heat maps that results should have, `[batch, heatmapSize, heatmapSize, points]`: those of the driver frames, or, in a run
 * with a target, maps drawn at its landmarks. Call it in `prepare` of a loss term; terms with the same network, input and
 * target share the result.
 *
 * @throws FaceanimError `invalid-option` as {@link checkTargetView} does.
 */
export function targetHeatmaps(frame: FrameContext, view: LandmarkView): tf.Tensor4D {
  const { drivers, heatmapShape, memo } = frame;
  const { net, input = standardLandmarkInput, target = 'driver' } = view;
  if (heatmapShape) {
    checkTargetView({ targetNet: heatmapShape.net }, view);
    return memo([net, 'target heat maps'], () => heatmapShape.maps ?? drawTargets(drivers, heatmapShape));
  }
  const heatmaps = ({ image, alignedLandmarks }: (typeof drivers)[number]) => {
    const shown = target === 'driver' ? image : drawLandmarks(image, alignedLandmarks);
    return tf.tidy(() => net.heatmaps(input(imageToTensor(shown, 'signed'), net, 'driver')));
  };
  return memo([net, input, target, 'driver heat maps'], () => tf.concat(drivers.map(heatmaps)));
}

function drawTargets(drivers: FrameContext['drivers'], shape: TargetHeatmapShape): tf.Tensor4D {
  return tf.tidy(() => {
    const maps = drivers.map(({ image, targetLandmarks }) => {
      const inSides = Float32Array.from(targetLandmarks!, (value) => value / image.width);
      return drawTarget(shape, tf.tensor2d(inSides, [inSides.length / 2, 2]));
    });
    return maps.length === 1 ? maps[0]! : tf.concat(maps);
  });
}

/**
 * The check of a loss term that calls {@link targetHeatmaps}: a target sets the landmarks of one network, as it sees the
 * whole picture.
 *
 * @throws FaceanimError `invalid-option` for another network, an `input` of its own, or drawn landmarks, in a run with a target.
 */
export function checkTargetView(
  { targetNet }: Pick<RunContext, 'targetNet'>,
  { net, input = standardLandmarkInput, target = 'driver' }: LandmarkView,
): void {
  if (!targetNet || (net === targetNet && input === standardLandmarkInput && target === 'driver')) return;
  throw new FaceanimError(
    'invalid-option',
    'The run has a target, but a loss term compares other landmarks: it needs the landmarkNet of the run, the standard input and no drawn landmarks.',
    { hint: "Pass target: 'driver', or make the term with { net: landmarkNet } alone." },
  );
}

/**
 * Heat maps of the result, `[batch, heatmapSize, heatmapSize, points]`. Differentiable. Call it in `value` of a loss term;
 * terms with the same network and input share the result.
 */
export function imageHeatmaps({ image, memo }: StepContext, view: LandmarkView): tf.Tensor4D {
  const { net, input = standardLandmarkInput } = view;
  return memo([net, input, 'image heat maps'], () => net.heatmaps(input(image(), net, 'result')));
}
