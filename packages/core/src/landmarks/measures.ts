import { invalidOption } from '@faceanim/tensor';
import { checkIbug68, landmarkCount } from './groups';

/** The 68 iBUG landmarks of a face as `x0, y0, x1, y1, …`; the centre of an image's first pixel is (0.5, 0.5). */
export type Landmarks = Float64Array;

/**
 * Converts pairs `[[x, y], …]` to landmarks.
 *
 * @throws FaceanimError `invalid-option` unless there are 68 finite pairs.
 */
export function landmarksOf(pairs: readonly (readonly number[])[]): Landmarks {
  const landmarks = Float64Array.from(pairs.flat());
  if (
    pairs.length !== landmarkCount ||
    landmarks.length !== 2 * landmarkCount ||
    !landmarks.every(Number.isFinite)
  ) {
    throw invalidOption('landmarks', pairs, `${landmarkCount} pairs of finite numbers`);
  }
  return landmarks;
}

/** Distance between two landmarks, in their units. */
export function landmarkDistance(landmarks: Landmarks, a: number, b: number): number {
  return Math.hypot(landmarks[2 * a]! - landmarks[2 * b]!, landmarks[2 * a + 1]! - landmarks[2 * b + 1]!);
}

/** Distance between the outer corners of the eyes (36 and 45): the unit of the other measures. */
export function outerEyeDistance(landmarks: Landmarks): number {
  checkIbug68(landmarks.length / 2, 'A measure of the face');
  return landmarkDistance(landmarks, 36, 45);
}

/** How far the mouth is open: distance of the inner lips in the middle (62 to 66), in outer eye distances. */
export function mouthOpening(landmarks: Landmarks): number {
  return landmarkDistance(landmarks, 62, 66) / outerEyeDistance(landmarks);
}

/** Distance between the corners of the mouth (48 to 54), in outer eye distances. */
export function mouthWidth(landmarks: Landmarks): number {
  return landmarkDistance(landmarks, 48, 54) / outerEyeDistance(landmarks);
}

/** How far the eyes are open: distance of the lids, mean of both eyes, in outer eye distances. */
export function eyeOpening(landmarks: Landmarks): number {
  const lids: [number, number][] = [
    [37, 41],
    [38, 40],
    [43, 47],
    [44, 46],
  ];
  return meanOf(lids.map(([a, b]) => landmarkDistance(landmarks, a, b))) / outerEyeDistance(landmarks);
}

/** How far the brows are raised: distance of the centres of brow and eye, mean of both sides, in outer eye distances. */
export function browHeight(landmarks: Landmarks): number {
  const left = distanceOfCentres(landmarks, [17, 21], [36, 41]);
  const right = distanceOfCentres(landmarks, [22, 26], [42, 47]);
  return (left + right) / 2 / outerEyeDistance(landmarks);
}

/** Normalised mean error (NME): mean distance to the true landmarks, in outer eye distances of the truth. */
export function normalizedMeanError(landmarks: Landmarks, truth: Landmarks): number {
  let sum = 0;
  for (let i = 0; i < truth.length; i += 2) {
    sum += Math.hypot(landmarks[i]! - truth[i]!, landmarks[i + 1]! - truth[i + 1]!);
  }
  return sum / (truth.length / 2) / outerEyeDistance(truth);
}

/**
 * How unsteady landmarks are: the mean length of their second differences over time, in outer eye distances of the first
 * frame; NaN for fewer than three frames.
 */
export function landmarkJitter(frames: readonly Landmarks[]): number {
  let sum = 0;
  let count = 0;
  for (let t = 2; t < frames.length; t++) {
    const [a, b, c] = [frames[t - 2]!, frames[t - 1]!, frames[t]!];
    for (let i = 0; i < c.length; i += 2, count++) {
      sum += Math.hypot(c[i]! - 2 * b[i]! + a[i]!, c[i + 1]! - 2 * b[i + 1]! + a[i + 1]!);
    }
  }
  return sum / count / (frames[0] ? outerEyeDistance(frames[0]) : 1);
}

/** Mean of the landmarks `first..last`. */
export function centreOf(landmarks: Landmarks, [first, last]: readonly [number, number]): [number, number] {
  let x = 0;
  let y = 0;
  for (let i = first; i <= last; i++) {
    x += landmarks[2 * i]!;
    y += landmarks[2 * i + 1]!;
  }
  const n = last - first + 1;
  return [x / n, y / n];
}

function distanceOfCentres(landmarks: Landmarks, a: [number, number], b: [number, number]): number {
  const [ax, ay] = centreOf(landmarks, a);
  const [bx, by] = centreOf(landmarks, b);
  return Math.hypot(ax - bx, ay - by);
}

function meanOf(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum / values.length;
}
