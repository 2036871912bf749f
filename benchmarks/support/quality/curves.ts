import {
  browHeight,
  eyeOpening,
  type Landmarks,
  landmarkDistance,
  mouthOpening,
} from '@faceanim/core/landmarks';
import { deviation, pearson, slope } from '../../../packages/cli/src/report/series';
import type { Reading } from './judges';

/** A movement of the face as one number per picture, in outer eye distances. */
export interface Curve {
  /** How the judge that reads it best sees it. */
  of(reading: Reading): number;
  /** The same by true landmarks. */
  ofTruth(landmarks: Landmarks): number;
  /** Deviation over a clip, by true landmarks, below which the clip does not move it. */
  readonly still: number;
}

export const curves = {
  mouth: { of: ({ points }) => mouthOpening(points), ofTruth: mouthOpening, still: 0.02 },
  lids: { of: ({ mesh }) => meshLids(mesh), ofTruth: eyeOpening, still: 0.01 },
  brows: { of: ({ mesh }) => meshBrows(mesh), ofTruth: browHeight, still: 0.01 },
  yaw: { of: ({ points }) => noseShift(points), ofTruth: noseShift, still: 0.02 },
} satisfies Record<string, Curve>;

/** Correlation and slope of what was got over what was wanted. */
export interface Following {
  readonly r: number;
  readonly gain: number;
}

export function following(wanted: readonly number[], got: readonly number[]): Following {
  return { r: pearson(wanted, got), gain: slope(wanted, got) };
}

/** Whether a clip moves what a curve describes. */
export function moves({ ofTruth, still }: Curve, truth: readonly Landmarks[]): boolean {
  return deviation(truth.map(ofTruth)) >= still;
}

/** How far the tip of the nose is from the middle of the outer corners of the eyes: it grows with the turn of the head. */
function noseShift(points: Landmarks): number {
  const middle = (points[2 * 36]! + points[2 * 45]!) / 2;
  return (points[2 * 30]! - middle) / landmarkDistance(points, 36, 45);
}

/** Points of the face mesh: corners and lids of both eyes, and the brows above them. */
const outerCorners = [33, 263] as const;
const lids = [
  [160, 144],
  [158, 153],
  [385, 380],
  [387, 373],
] as const;
const eyes = [
  [33, 160, 158, 133, 153, 144],
  [362, 385, 387, 263, 373, 380],
] as const;
const brows = [
  [70, 63, 105, 66, 107],
  [336, 296, 334, 293, 300],
] as const;

function meshLids(mesh: Float64Array): number {
  const sum = lids.reduce((sum, [a, b]) => sum + landmarkDistance(mesh, a, b), 0);
  return sum / lids.length / landmarkDistance(mesh, ...outerCorners);
}

function meshBrows(mesh: Float64Array): number {
  const height = (side: 0 | 1) => {
    const [bx, by] = centre(mesh, brows[side]);
    const [ex, ey] = centre(mesh, eyes[side]);
    return Math.hypot(bx - ex, by - ey);
  };
  return (height(0) + height(1)) / 2 / landmarkDistance(mesh, ...outerCorners);
}

function centre(mesh: Float64Array, points: readonly number[]): [x: number, y: number] {
  const mean = (offset: number) => points.reduce((sum, i) => sum + mesh[2 * i + offset]!, 0) / points.length;
  return [mean(0), mean(1)];
}
