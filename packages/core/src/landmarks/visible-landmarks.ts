import type { Landmarks } from './measures';
import type { TrackedFace } from './track';

/** Peaks of hidden landmarks are lower: on the test clips about 0.05 at the lowest, of visible ones never below 0.22. */
const leastPeak = 0.15;

/**
 * The landmarks of a frame that something can be read from, for `fitClip`: NaN where something hides them (a hand, the edge of
 * the picture), undefined if no face was found. Frames without `peaks` count as fully visible.
 */
export function visibleLandmarks({
  found,
  landmarks,
  peaks,
}: Pick<TrackedFace, 'found' | 'landmarks' | 'peaks'>): Landmarks | undefined {
  if (!found) return undefined;
  return peaks ? landmarks.map((value, i) => (peaks[i >> 1]! < leastPeak ? Number.NaN : value)) : landmarks;
}
