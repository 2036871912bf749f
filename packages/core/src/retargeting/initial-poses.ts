import { landmarkCount } from '../landmarks/groups';
import type { Landmarks } from '../landmarks/measures';
import type { LandmarkModel } from './landmark-model';

/** A pose in the picture plane: the mean face rotated by `roll` (radians, clockwise), scaled and shifted. */
export interface PlanarPose {
  readonly roll: number;
  readonly scale: number;
  readonly shift: readonly [x: number, y: number];
}

/** A frame with fewer landmarks shows no face. */
export const fewestLandmarks = 12;

/**
 * The similarity transform in the picture plane that best aligns the model's mean face with landmarks (Umeyama 1991);
 * ignores depth.
 *
 * @returns undefined if too few landmarks are finite, or all coincide.
 */
export function planarPose({ mean }: LandmarkModel, landmarks: Landmarks): PlanarPose | undefined {
  let count = 0;
  const centre = { x: 0, y: 0, u: 0, v: 0 };
  const each = (visit: (x: number, y: number, u: number, v: number) => void) => {
    for (let p = 0; p < landmarkCount; p++) {
      const [u, v] = [landmarks[2 * p]!, landmarks[2 * p + 1]!];
      if (Number.isFinite(u) && Number.isFinite(v)) visit(mean[3 * p]!, -mean[3 * p + 1]!, u, v);
    }
  };
  each((x, y, u, v) => {
    count++;
    centre.x += x;
    centre.y += y;
    centre.u += u;
    centre.v += v;
  });
  if (count < fewestLandmarks) return undefined;
  const { x: cx, y: cy, u: cu, v: cv } = centre;
  let [cos, sin, square] = [0, 0, 0];
  each((px, py, pu, pv) => {
    const [x, y, u, v] = [px - cx / count, py - cy / count, pu - cu / count, pv - cv / count];
    cos += x * u + y * v;
    sin += x * v - y * u;
    square += x * x + y * y;
  });
  const scale = Math.hypot(cos, sin) / square;
  if (!(scale > 0 && scale < Number.POSITIVE_INFINITY)) return undefined;
  const [a, b] = [cos / square, sin / square];
  return {
    roll: Math.atan2(sin, cos),
    scale,
    shift: [(cu - a * cx + b * cy) / count, (cv - b * cx - a * cy) / count],
  };
}

/** Unwraps roll, so that it changes by at most half a turn per frame; frames without a face get the pose of a neighbour. */
export function continuousPoses(poses: readonly (PlanarPose | undefined)[]): PlanarPose[] {
  let previous = poses.find((pose) => pose !== undefined)!;
  return poses.map((pose) => {
    if (!pose) return previous;
    const turns = Math.round((previous.roll - pose.roll) / (2 * Math.PI));
    previous = { ...pose, roll: pose.roll + 2 * Math.PI * turns };
    return previous;
  });
}
