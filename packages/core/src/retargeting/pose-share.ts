import { bagOf, either, numberFrom, type OptionChecks, oneOf } from '@faceanim/tensor/options';
import { type HeadAngles, headAngles, type Matrix3, matrixOfAngles, type RotationVector } from './rotation';

/**
 * Whose head pose to use: the driver's, the look's, or a mix from 0 (the look's) to 1 (the driver's); for all angles, or
 * separately for yaw, pitch and roll (default 1 each).
 */
export type PoseShare = 'driver' | 'look' | number | Readonly<Partial<HeadAngles>>;

const share = numberFrom(0, 1);

/** Accepts a {@link PoseShare}. */
export const poseShareCheck = either(
  'driver, look, a number from 0 to 1, or such numbers for yaw, pitch and roll',
  oneOf('driver', 'look'),
  share,
  bagOf<HeadAngles>({ yaw: share, pitch: share, roll: share } satisfies OptionChecks<HeadAngles>),
);

/** Mixes the rotations of look and driver. */
export function sharedRotation(look: RotationVector, driver: RotationVector, pose: PoseShare): Matrix3 {
  const shares = sharesOf(pose);
  const from = headAngles(look);
  const to = headAngles(driver);
  const mix = (angle: keyof HeadAngles) =>
    from[angle] + shares[angle] * shortestTurn(to[angle] - from[angle]);
  return matrixOfAngles({ yaw: mix('yaw'), pitch: mix('pitch'), roll: mix('roll') });
}

/** The share of each angle: the one form of all equal {@link PoseShare}s. */
export function sharesOf(pose: PoseShare): HeadAngles {
  if (typeof pose === 'object') {
    const { yaw = 1, pitch = 1, roll = 1 } = pose;
    return { yaw, pitch, roll };
  }
  const all = pose === 'driver' ? 1 : pose === 'look' ? 0 : pose;
  return { yaw: all, pitch: all, roll: all };
}

/** The equivalent angle in -π..π. */
function shortestTurn(angle: number): number {
  return angle - 2 * Math.PI * Math.round(angle / (2 * Math.PI));
}
