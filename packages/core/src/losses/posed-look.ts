import { fitTo, type ImageTensor } from '@faceanim/tensor';
import type { RgbImage } from '../contracts/image';
import { imageToTensor } from '../images/image-tensors';
import { movePoints } from '../images/move-points';
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
  const pose = () =>
    imageToTensor(
      drivers.map((driver) => poseLook(lookFace, driver)),
      'signed',
    );
  return memo(['posed look'], () => lookFace.posed ?? fitTo(pose(), look!.shape[1]));
}

/** The picture of the look, warped so that its landmarks are at the targets of a frame. */
export function poseLook(
  { image: picture, landmarks }: LookFace,
  { image, targetLandmarks }: FrameContext['drivers'][number],
): RgbImage {
  return movePoints(
    picture,
    landmarks,
    targetLandmarks!.map((value) => (value * picture.width) / image.width),
  );
}
