/**
 * A 3-D rotation as a vector: its direction is the axis, its length the angle in radians. Axes: x to the right of the image,
 * y up, z towards the camera.
 */
export type RotationVector = readonly [x: number, y: number, z: number];

/** A 3 × 3 matrix row by row. */
export type Matrix3 = readonly number[];

/** Yaw, pitch and roll of a head in radians; pitch is applied first, roll last. */
export interface HeadAngles {
  /** To the image's right. */
  readonly yaw: number;
  /** Up. */
  readonly pitch: number;
  /** Clockwise in the image. */
  readonly roll: number;
}

/** The matrix of a rotation vector (Rodrigues' formula). */
export function rotationMatrix([x, y, z]: RotationVector): Matrix3 {
  const angle = Math.hypot(x, y, z);
  // sin θ / θ and (1 - cos θ) / θ², by their series where the quotients lose precision.
  const small = angle < 1e-3;
  const s = small ? 1 - angle ** 2 / 6 : Math.sin(angle) / angle;
  const c = small ? 0.5 - angle ** 2 / 24 : (1 - Math.cos(angle)) / angle ** 2;
  return combination([x, y, z], s, c);
}

/**
 * The left Jacobian J of a rotation: `R(r + δ) ≈ R(J δ) R(r)`, so a rotated point X moves by `(J δ) × X`
 * (Solà, Deray and Atchuthan 2018, arXiv 1812.01537, eq. 145).
 */
export function rotationJacobian([x, y, z]: RotationVector): Matrix3 {
  const angle = Math.hypot(x, y, z);
  const small = angle < 1e-3;
  const s = small ? 0.5 - angle ** 2 / 24 : (1 - Math.cos(angle)) / angle ** 2;
  const c = small ? 1 / 6 - angle ** 2 / 120 : (angle - Math.sin(angle)) / angle ** 3;
  return combination([x, y, z], s, c);
}

/** `I + s [r]ₓ + c [r]ₓ²`. */
function combination([x, y, z]: RotationVector, s: number, c: number): Matrix3 {
  return [
    ...[1 - c * (y * y + z * z), c * x * y - s * z, c * x * z + s * y],
    ...[c * x * y + s * z, 1 - c * (x * x + z * z), c * y * z - s * x],
    ...[c * x * z - s * y, c * y * z + s * x, 1 - c * (x * x + y * y)],
  ];
}

/** Converts a rotation to yaw, pitch and roll. */
export function headAngles(rotation: RotationVector): HeadAngles {
  const m = rotationMatrix(rotation);
  return {
    yaw: Math.asin(Math.max(-1, Math.min(1, -m[6]!))),
    pitch: -Math.atan2(m[7]!, m[8]!),
    roll: -Math.atan2(m[3]!, m[0]!),
  };
}

/** The matrix of yaw, pitch and roll: `Rz(-roll) Ry(yaw) Rx(-pitch)`. */
export function matrixOfAngles({ yaw, pitch, roll }: HeadAngles): Matrix3 {
  const [cy, sy] = [Math.cos(yaw), Math.sin(yaw)];
  const [cp, sp] = [Math.cos(-pitch), Math.sin(-pitch)];
  const [cr, sr] = [Math.cos(-roll), Math.sin(-roll)];
  return [
    ...[cr * cy, cr * sy * sp - sr * cp, cr * sy * cp + sr * sp],
    ...[sr * cy, sr * sy * sp + cr * cp, sr * sy * cp - cr * sp],
    ...[-sy, cy * sp, cy * cp],
  ];
}
