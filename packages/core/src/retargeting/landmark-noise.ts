import type { Landmarks } from '../landmarks/measures';
import type { PlanarPose } from './initial-poses';

/**
 * Estimates the noise of a clip's landmarks from second differences over time: those of independent noise σ have standard
 * deviation √6 σ, and true motion, which is smooth, hardly changes their median. Landmarks are relative to the planar pose of
 * their frame, so a shaking camera does not count as noise.
 *
 * @returns the standard deviation of a coordinate in eye distances; 0 for fewer than three frames.
 */
export function landmarkNoise(frames: readonly Landmarks[], poses: readonly PlanarPose[]): number {
  const still = frames.map((frame, t) => withoutPose(frame, poses[t]!));
  const differences: number[] = [];
  for (let t = 2; t < still.length; t++) {
    const [a, b, c] = [still[t - 2]!, still[t - 1]!, still[t]!];
    for (let i = 0; i < c.length; i++) {
      const difference = Math.abs(a[i]! - 2 * b[i]! + c[i]!);
      if (Number.isFinite(difference)) differences.push(difference);
    }
  }
  if (differences.length === 0) return 0;
  differences.sort((a, b) => a - b);
  // The median of the absolute values of a normal distribution is 0.6745 of its standard deviation.
  return differences[differences.length >> 1]! / 0.6745 / Math.sqrt(6);
}

/** Rotates landmarks upright, moves them to the origin, and scales them to eye distances. */
function withoutPose(landmarks: Landmarks, { roll, scale, shift }: PlanarPose): Landmarks {
  const [cos, sin] = [Math.cos(roll) / scale, Math.sin(roll) / scale];
  const still = new Float64Array(landmarks.length);
  for (let i = 0; i < still.length; i += 2) {
    const [x, y] = [landmarks[i]! - shift[0], landmarks[i + 1]! - shift[1]];
    still[i] = cos * x + sin * y;
    still[i + 1] = cos * y - sin * x;
  }
  return still;
}
