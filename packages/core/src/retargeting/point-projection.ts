import { poseOffset } from './fit-problem';
import { perspective } from './projection';
import { type Matrix3, type RotationVector, rotationJacobian, rotationMatrix } from './rotation';

/** Projects points of a shape by one pose, with derivatives. */
export class PointProjection {
  readonly #rotation: Matrix3;
  readonly #jacobian: Matrix3;
  readonly #scale: number;
  readonly #shift: readonly [number, number];
  /** The point last drawn, turned; its nearness; its place. */
  #x = 0;
  #y = 0;
  #z = 0;
  #nearness = 1;
  u = 0;
  v = 0;

  /** @param parameters of the pose, as in a `FitState`. */
  constructor(parameters: ArrayLike<number>) {
    const rotation = [parameters[0]!, parameters[1]!, parameters[2]!] as RotationVector;
    this.#rotation = rotationMatrix(rotation);
    this.#jacobian = rotationJacobian(rotation);
    this.#scale = Math.exp(parameters[poseOffset.scale]!);
    this.#shift = [parameters[poseOffset.shift]!, parameters[poseOffset.shift + 1]!];
  }

  /** Projects a point to (u, v). */
  draw(x: number, y: number, z: number): void {
    const r = this.#rotation;
    this.#x = r[0]! * x + r[1]! * y + r[2]! * z;
    this.#y = r[3]! * x + r[4]! * y + r[5]! * z;
    this.#z = r[6]! * x + r[7]! * y + r[8]! * z;
    this.#nearness = 1 / (1 - perspective * this.#z);
    this.u = this.#shift[0] + this.#scale * this.#nearness * this.#x;
    this.v = this.#shift[1] - this.#scale * this.#nearness * this.#y;
  }

  /**
   * Derivatives of a coordinate of the point last drawn, u or v, times a factor: by the pose into `into[at …]`.
   *
   * @param byPoint set to those by x, y, z of the shape's point.
   */
  derive(axis: 'u' | 'v', factor: number, byPoint: Float64Array, into: Float64Array, at: number): void {
    const [r, j] = [this.#rotation, this.#jacobian];
    const [x, y, z] = [this.#x, this.#y, this.#z];
    const s = factor * this.#scale * this.#nearness;
    const along = axis === 'u' ? s * x : -s * y;
    // By the turned point.
    const gx = axis === 'u' ? s : 0;
    const gy = axis === 'u' ? 0 : -s;
    const gz = along * this.#nearness * perspective;
    for (let k = 0; k < 3; k++) byPoint[k] = gx * r[k]! + gy * r[3 + k]! + gz * r[6 + k]!;
    // By a further turn ω: g · (ω × X) = ω · (X × g).
    const [wx, wy, wz] = [y * gz - z * gy, z * gx - x * gz, x * gy - y * gx];
    for (let k = 0; k < 3; k++) into[at + k] = wx * j[k]! + wy * j[3 + k]! + wz * j[6 + k]!;
    into[at + poseOffset.scale] = along;
    into[at + poseOffset.shift] = axis === 'u' ? factor : 0;
    into[at + poseOffset.shift + 1] = axis === 'u' ? 0 : factor;
  }
}
