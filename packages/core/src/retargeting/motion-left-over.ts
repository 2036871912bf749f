import { landmarkCount, landmarkGroups } from '../landmarks/groups';
import type { Landmarks } from '../landmarks/measures';

/** Standard deviation of the Gaussian over time, in frames. */
const sigma = 1;
const kernel = gaussian(sigma, 4);
/** Share of the variance of independent noise that remains after the Gaussian. */
const noiseLeft = kernel.reduce((sum, weight) => sum + weight ** 2, 0);

/**
 * The motion that a model cannot represent: its residuals without their mean over time, smoothed by a Gaussian and scaled
 * down by their share of noise, as by a Wiener filter, for each landmark group. Noise is measured from second differences.
 *
 * @param residuals residuals of each frame; NaN for missing landmarks.
 * @returns the motion in each frame; 0 if there is only noise.
 */
export function motionLeftOver(residuals: readonly Landmarks[]): Landmarks[] {
  const centred = withoutMean(residuals);
  const smoothed = overTime(centred);
  const share = new Float64Array(2 * landmarkCount);
  for (const [first, last] of Object.values(landmarkGroups)) {
    const range = [2 * first, 2 * last + 2] as const;
    const signal = meanSquare(smoothed, range);
    const noise = noiseLeft * noiseVariance(centred, range);
    share.fill(signal > noise ? 1 - noise / signal : 0, ...range);
  }
  return smoothed.map((frame) => frame.map((value, i) => value * share[i]!));
}

/** Subtracts the mean over time of each coordinate; missing ones become 0. */
function withoutMean(frames: readonly Landmarks[]): Landmarks[] {
  const mean = frames[0]!.map((_, i) => {
    const seen = frames.flatMap((frame) => (Number.isFinite(frame[i]) ? [frame[i]!] : []));
    return seen.reduce((sum, value) => sum + value, 0) / Math.max(1, seen.length);
  });
  return frames.map((frame) => frame.map((value, i) => (Number.isFinite(value) ? value - mean[i]! : 0)));
}

/** Smooths over time; the first and last frame are repeated. */
function overTime(frames: readonly Landmarks[]): Landmarks[] {
  const reach = (kernel.length - 1) / 2;
  return frames.map((frame, t) => {
    const sum = new Float64Array(frame.length);
    for (const [j, weight] of kernel.entries()) {
      const other = frames[Math.min(frames.length - 1, Math.max(0, t + j - reach))]!;
      for (let i = 0; i < sum.length; i++) sum[i]! += weight * other[i]!;
    }
    return sum;
  });
}

function meanSquare(frames: readonly Landmarks[], [first, end]: readonly [number, number]): number {
  let sum = 0;
  for (const frame of frames) for (let i = first; i < end; i++) sum += frame[i]! ** 2;
  return sum / (frames.length * (end - first));
}

function noiseVariance(frames: readonly Landmarks[], range: readonly [number, number]): number {
  const differences = frames
    .slice(2)
    .map((frame, t) => frame.map((value, i) => value - 2 * frames[t + 1]![i]! + frames[t]![i]!));
  return differences.length > 0 ? meanSquare(differences, range) / 6 : 0;
}

function gaussian(deviation: number, reach: number): number[] {
  const weights = Array.from({ length: 2 * reach + 1 }, (_, i) =>
    Math.exp(-((i - reach) ** 2) / (2 * deviation ** 2)),
  );
  const sum = weights.reduce((a, b) => a + b);
  return weights.map((weight) => weight / sum);
}
