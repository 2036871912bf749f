import {
  ffhqQuad,
  imageToQuad,
  type Landmarks,
  landmarkJitter,
  normalizedMeanError,
} from '@faceanim/core/landmarks';
import { mean } from '../../../packages/cli/src/report/series';
import { curves, type Following, following, moves } from './curves';
import type { Reading } from './judges';

/** An animation and its truth as the judges see them, frame by frame. */
export interface Seen {
  /** Whether they are consecutive frames of the driver. */
  readonly consecutive: boolean;
  readonly look: Reading;
  readonly result: readonly Reading[];
  /** Undefined for clips whose truth is not known. */
  readonly truth?: { readonly readings: readonly Reading[]; readonly landmarks: readonly Landmarks[] };
}

/** Measures of one animation. Lengths are in % of the outer eye distance. */
export interface Assessment {
  /** Mean distance of the 68 points to those of the truth, each aligned by its own FFHQ quad. */
  readonly error?: number;
  /** The same after the mean over time is taken away from both: motion without shape. */
  readonly motion?: number;
  /**
   * Mean second difference of the aligned points over time, and that of the truth. Only of consecutive frames: between
   * others the motion itself outweighs it.
   */
  readonly jitter?: number;
  readonly trueJitter?: number;
  /** Cosine distance of the face descriptor to that of the look: mean and worst frame. */
  readonly identity: number;
  readonly worstIdentity: number;
  /** How the movements follow those of the truth; undefined for those that the clip does not make. */
  readonly follows: Partial<Record<keyof typeof curves, Following>>;
}

/** Compares what the judges see in an animation with what they see in its truth, so that their own errors cancel. */
export function assess({ consecutive, look, result, truth }: Seen): Assessment {
  const got = result.map(aligned);
  const identity = result.map(({ descriptor }) => cosineDistance(look.descriptor, descriptor));
  const common = {
    jitter: consecutive ? 100 * landmarkJitter(got) : undefined,
    identity: mean(identity),
    worstIdentity: Math.max(...identity),
  };
  if (!truth) return { ...common, follows: {} };
  const wanted = truth.readings.map(aligned);
  const error = (a: readonly Landmarks[], b: readonly Landmarks[]) =>
    100 * mean(a.map((points, t) => normalizedMeanError(points, b[t]!)));
  const moved = Object.entries(curves).filter(([, curve]) => moves(curve, truth.landmarks));
  return {
    ...common,
    error: error(got, wanted),
    motion: error(around(got, meanOf(wanted)), wanted),
    trueJitter: consecutive ? 100 * landmarkJitter(wanted) : undefined,
    follows: Object.fromEntries(
      moved.map(([name, { of }]) => [name, following(truth.readings.map(of), result.map(of))]),
    ),
  };
}

/** How well the judges read the pictures of the truth, where its landmarks are known. */
export function trustworthiness({ readings, landmarks }: NonNullable<Seen['truth']>) {
  const seen = readings.map(aligned);
  const known = landmarks.map((points) => aligned({ points }));
  const error = mean(around(seen, meanOf(known)).map((points, t) => normalizedMeanError(points, known[t]!)));
  return {
    motion: 100 * error,
    jitter: 100 * landmarkJitter(seen),
    trueJitter: 100 * landmarkJitter(known),
    follows: Object.fromEntries(
      Object.entries(curves)
        .filter(([, curve]) => moves(curve, landmarks))
        .map(([name, { of, ofTruth }]) => [name, following(landmarks.map(ofTruth), readings.map(of))]),
    ),
  };
}

export function cosineDistance(a: Float64Array, b: Float64Array): number {
  const dot = (x: Float64Array, y: Float64Array) => x.reduce((sum, value, i) => sum + value * y[i]!, 0);
  return 1 - dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
}

/** Points in the FFHQ crop that they span: reference mode draws the face where the driver has it. */
function aligned({ points }: Pick<Reading, 'points'>): Landmarks {
  return imageToQuad(points, ffhqQuad(points)!, 256);
}

function meanOf(frames: readonly Landmarks[]): Landmarks {
  return Float64Array.from(frames[0]!, (_, i) => mean(frames.map((points) => points[i]!)));
}

/** The frames, shifted point by point so that their mean over time is `centre`. */
function around(frames: readonly Landmarks[], centre: Landmarks): Landmarks[] {
  const own = meanOf(frames);
  return frames.map((points) => points.map((value, i) => value - own[i]! + centre[i]!));
}
