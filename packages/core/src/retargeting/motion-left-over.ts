import { landmarkCount, landmarkGroups } from '../landmarks/groups';
import type { Landmarks } from '../landmarks/measures';

/** Standard deviation of the Gaussian over time, in frames. */
const sigma = 1;
const kernel = gaussian(sigma, 4);
/** What the Gaussian leaves of the variance of independent noise. */
const noiseLeft = kernel.reduce((sum, weight) => sum + weight ** 2, 0);

/**
 * The motion that a model does not know: what it leaves over in each frame, its mean over time taken away, smoothed by a
 * Gaussian, and weakened by the share of noise in it as a Wiener filter does, group by group. The noise is measured from
 * second differences.
 *
 * @param residuals what the model leaves over in each frame; NaN where a landmark is missing.
 * @returns the same for each frame; 0 where there is nothing but noise.
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

/** Without the mean over time of each coordinate; 0 where it is missing. */
function withoutMean(frames: readonly Landmarks[]): Landmarks[] {
  const mean = frames[0]!.map((_, i) => {
    const seen = frames.flatMap((frame) => (Number.isFinite(frame[i]) ? [frame[i]!] : []));
    return seen.reduce((sum, value) => sum + value, 0) / Math.max(1, seen.length);
  });
  return frames.map((frame) => frame.map((value, i) => (Number.isFinite(value) ? value - mean[i]! : 0)));
}

/** The first and last frame stand for those beyond. */
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
