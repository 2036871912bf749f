import { landmarkCount } from '../landmarks/groups';
import type { Landmarks } from '../landmarks/measures';
import { type Matrix3, type RotationVector, rotationMatrix } from './rotation';

/** Pose of a head in a picture: rotation, scale and position. */
export interface Pose {
  readonly rotation: RotationVector;
  /** Pixels per unit of a shape, i.e. per distance of the eye centres. */
  readonly scale: number;
  /** Position of the shape's origin, between the eyes, in pixels. */
  readonly shift: readonly [x: number, y: number];
}

/**
 * Perspective: a point one eye distance closer to the camera is drawn larger by this share, as by a camera at about a metre.
 * On the fixtures, 0.03 to 0.06 fit equally well, and 0.12 (half a metre) has a 10 % larger error.
 */
export const perspective = 0.06;

/**
 * Projects a shape to the picture in a pose: with `(X, Y, Z) = R x` for a point x of the shape,
 * `(u, v) = shift + scale · (X, -Y) / (1 - 0.06 Z)`, a weak perspective with a first-order term for depth.
 *
 * @param shape `[68 * 3]`, from {@link faceShape}.
 * @returns landmarks in pixels.
 */
export function projectShape(shape: Float64Array, { rotation, scale, shift }: Pose): Landmarks {
  return drawShape(shape, rotationMatrix(rotation), scale, shift);
}

/** {@link projectShape} with a rotation matrix. */
export function drawShape(
  shape: Float64Array,
  rotation: Matrix3,
  scale = 1,
  [dx, dy]: readonly [number, number] = [0, 0],
): Landmarks {
  const landmarks = new Float64Array(2 * landmarkCount);
  for (let p = 0; p < landmarkCount; p++) {
    const [x, y, z] = [shape[3 * p]!, shape[3 * p + 1]!, shape[3 * p + 2]!];
    const depth = rotation[6]! * x + rotation[7]! * y + rotation[8]! * z;
    const factor = scale / (1 - perspective * depth);
    landmarks[2 * p] = dx + factor * (rotation[0]! * x + rotation[1]! * y + rotation[2]! * z);
    landmarks[2 * p + 1] = dy - factor * (rotation[3]! * x + rotation[4]! * y + rotation[5]! * z);
  }
  return landmarks;
}
