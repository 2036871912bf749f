import type { Landmarks } from '../landmarks/measures';

/**
 * Standard deviation of the noise of a clip's landmarks, from how far second differences over time go beyond 0: of
 * independent noise σ they have √6 σ, and their median is little moved by true motion, which is smooth.
 *
 * @returns for each coordinate, in the units of the landmarks; 0 for fewer than three frames.
 */
export function landmarkNoise(frames: readonly Landmarks[]): number {
  const differences: number[] = [];
  for (let t = 2; t < frames.length; t++) {
    const [a, b, c] = [frames[t - 2]!, frames[t - 1]!, frames[t]!];
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
