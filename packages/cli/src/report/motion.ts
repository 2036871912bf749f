import {
  browHeight,
  eyeOpening,
  type Landmarks,
  landmarkJitter,
  mouthOpening,
} from '@faceanim/core/landmarks';
import { fitClip, headAngles, type LandmarkModel } from '@faceanim/core/retargeting';
import { mean } from './series';

/**
 * How a face moves, one value for each frame. The unit of lengths is the distance between the outer corners of the eyes.
 */
export interface Motion {
  /** How far the mouth is open. */
  readonly mouth: readonly number[];
  /** How far the eyes are open. */
  readonly eyes: readonly number[];
  /** How far the brows are above the eyes. */
  readonly brows: readonly number[];
  /** Turn of the head to the picture's right, in degrees, by the 3-D landmark model. */
  readonly yaw: readonly number[];
  /**
   * How unsteady the landmarks are: mean length of their second differences over the frames before and after. `null` at the ends of a shot.
   */
  readonly jitter: readonly (number | null)[];
}

/** The curves that a result should share with its target. */
export const followed = ['mouth', 'eyes', 'brows', 'yaw'] as const satisfies (keyof Motion)[];

/** First frame of a shot, and the one after its last. */
export type ShotRange = readonly [from: number, to: number];

/** Where shots begin and end, in positions. */
export function shotRanges(frames: readonly { readonly shot: number }[]): ShotRange[] {
  const starts = frames.flatMap(({ shot }, i) => (shot === frames[i - 1]?.shot ? [] : [i]));
  return starts.map((start, i) => [start, starts[i + 1] ?? frames.length]);
}

/**
 * Measures the motion of a face.
 *
 * @param frames landmarks in any unit of length.
 * @throws {FaceanimError} `no-face` for a shot in which no landmarks look like a face.
 */
export async function measureMotion(
  frames: readonly Landmarks[],
  model: LandmarkModel,
  shots: readonly ShotRange[],
): Promise<Motion> {
  const yaw: number[] = [];
  const jitter: (number | null)[] = [];
  for (const [from, to] of shots) {
    const shot = frames.slice(from, to);
    const fit = await fitClip(model, shot);
    for (const { pose } of fit.frames) yaw.push((headAngles(pose.rotation).yaw * 180) / Math.PI);
    for (let i = 0; i < shot.length; i++) {
      const three = shot.slice(Math.max(0, i - 1), i + 2);
      jitter.push(three.length === 3 ? landmarkJitter(three) : null);
    }
  }
  const [mouth, eyes, brows] = [mouthOpening, eyeOpening, browHeight].map((measure) => frames.map(measure));
  return { mouth: mouth!, eyes: eyes!, brows: brows!, yaw, jitter };
}

/** Mean of the values that exist; undefined if none does. */
export function meanOfKnown(values: readonly (number | null | undefined)[]): number | undefined {
  const known = values.filter((value) => typeof value === 'number');
  return known.length > 0 ? mean(known) : undefined;
}
