import type { HostTensor, ImageTensor } from '@faceanim/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { movement, movePoints } from '../images/move-points';
import type { FrameContext, LookFace } from './loss-term';

/**
 * The look in the pose and with the expression that results should have: warped so that its landmarks are at the targets,
 * `[batch, resolution, resolution, 3]`. Beside the look as it is, a head that turns and a mouth that opens would count as
 * errors. Without targets it is the look itself, `[1, resolution, resolution, 3]`.
 *
 * Call it in `prepare` of a loss term; terms share the result.
 */
export function posedLook({ look, lookFace, drivers, memo }: FrameContext): ImageTensor<'signed'> {
  if (!lookFace || !drivers[0]?.targetLandmarks) return look!;
  return memo(['posed look'], () => {
    if (lookFace.posed) return lookFace.posed;
    return tf.tidy(() => {
      const posed = drivers.map((driver) => {
        const { shape, data } = poseOf(lookFace, driver);
        return movePoints(look!, tf.tensor2d(data, [...shape] as [number, number]));
      });
      return (posed.length === 1 ? posed[0]! : tf.concat(posed)) as ImageTensor<'signed'>;
    });
  });
}

/** How the landmarks of the look move to the targets of a frame. */
export function poseOf(
  { landmarks }: LookFace,
  { image, targetLandmarks }: FrameContext['drivers'][number],
): HostTensor {
  return movement(
    landmarks,
    targetLandmarks!.map((value) => value / image.width),
  );
}
