import type { Quad } from '../images/quad';
import { checkIbug68, landmarkGroups } from './groups';
import { centreOf, type Landmarks } from './measures';

/**
 * The square that the FFHQ data set would crop around a face, computed from the eyes and the corners of the mouth (Karras
 * et al. 2019, arXiv 1812.04948; script of the data set). Generators trained on FFHQ draw faces in this position.
 *
 * @returns a rotated square in the units of the landmarks; undefined if they do not span a face.
 * @throws FaceanimError `invalid-option` for landmarks other than the 68 of iBUG.
 */
export function ffhqQuad(landmarks: Landmarks): Quad | undefined {
  checkIbug68(landmarks.length / 2, 'The FFHQ quad');
  const leftEye = centreOf(landmarks, landmarkGroups.leftEye);
  const rightEye = centreOf(landmarks, landmarkGroups.rightEye);
  const eyes = [(leftEye[0] + rightEye[0]) / 2, (leftEye[1] + rightEye[1]) / 2] as const;
  const mouth = [
    (landmarks[2 * 48]! + landmarks[2 * 54]!) / 2,
    (landmarks[2 * 48 + 1]! + landmarks[2 * 54 + 1]!) / 2,
  ] as const;
  const eyeToEye = [rightEye[0] - leftEye[0], rightEye[1] - leftEye[1]] as const;
  const eyesToMouth = [mouth[0] - eyes[0], mouth[1] - eyes[1]] as const;

  // The sum of the vector between the eyes and the vector from eyes to mouth, turned by 90°.
  const axis = [eyeToEye[0] + eyesToMouth[1], eyeToEye[1] - eyesToMouth[0]] as const;
  const length = Math.hypot(...axis);
  const half = Math.max(2 * Math.hypot(...eyeToEye), 1.8 * Math.hypot(...eyesToMouth));
  if (!(length > 0 && Number.isFinite(half))) return undefined;
  const x = [(axis[0] / length) * half, (axis[1] / length) * half] as const;
  return {
    center: [eyes[0] + 0.1 * eyesToMouth[0], eyes[1] + 0.1 * eyesToMouth[1]],
    x,
    y: [-x[1], x[0]],
  };
}
