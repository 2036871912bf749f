import { fitTo, type ImageTensor } from '@faceanim/tensor';
import { imageToTensor } from '../images/image-tensors';
import { movePoints } from '../images/move-points';
import type { FrameContext } from './loss-term';

/**
 * The look in the pose and with the expression that results should have: warped so that its landmarks are at the targets,
 * `[batch, resolution, resolution, 3]`. Beside the look as it is, a head that turns and a mouth that opens would count as
 * errors. Without targets it is the look itself, `[1, resolution, resolution, 3]`.
 *
 * Call it in `prepare` of a loss term; terms share the result.
 */
export function posedLook({ look, lookFace, drivers, memo }: FrameContext): ImageTensor<'signed'> {
  if (!lookFace || !drivers[0]?.targetLandmarks) return look!;
  const { image: picture, landmarks } = lookFace;
  const posed = ({ image, targetLandmarks }: (typeof drivers)[number]) => {
    const target = targetLandmarks!.map((value) => (value * picture.width) / image.width);
    return movePoints(picture, landmarks, target);
  };
  return memo(['posed look'], () => fitTo(imageToTensor(drivers.map(posed), 'signed'), look!.shape[1]));
}
