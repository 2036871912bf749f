import { landmarkCount } from '../landmarks/groups';
import { ArrowSystem } from './arrow-system';
import { type FitProblem, type FitState, landmarkWeight, outlierDeviations, poseLength } from './fit-problem';
import { faceShape, shapeLength } from './landmark-model';
import type { Pieces } from './pieces';
import { PointProjection } from './point-projection';
import { Priors } from './priors';

/** The objective of a {@link FitProblem}, and its Gauss-Newton normal equations. */
export class NormalEquations {
  readonly system: ArrowSystem;
  readonly #expressions: number;
  readonly #identities: number;
  /** Parameters of a frame. */
  readonly #length: number;
  readonly #priors: Priors;
  /** Derivatives of a coordinate of a landmark, u and v, by the parameters of its frame. */
  readonly #byFrame: readonly [Float64Array, Float64Array];
  /** The same by the identity and by the landmark's own x, y, z. */
  readonly #byShared: readonly [Float64Array, Float64Array];
  /** The same by x, y, z of the landmark in the shape. */
  readonly #byPoint = new Float64Array(3);

  constructor(readonly problem: FitProblem) {
    const { model, points, identity, ownDeviation } = problem;
    this.#expressions = model.expression.length;
    this.#identities = identity ? 0 : model.identity.length;
    const length = (this.#length = this.#expressions + poseLength);
    const shared = identity ? 0 : this.#identities + (ownDeviation > 0 ? shapeLength : 0);
    // Each parameter is coupled to that of the two previous frames.
    const width = points.length > 2 ? 2 * length : length - 1;
    this.system = new ArrowSystem(points.length * length, width, shared);
    this.#priors = new Priors(problem);
    this.#byFrame = [new Float64Array(length), new Float64Array(length)];
    const sharedByLandmark = shared > this.#identities ? this.#identities + 3 : this.#identities;
    this.#byShared = [new Float64Array(sharedByLandmark), new Float64Array(sharedByLandmark)];
  }

  /** The part of the shape that all frames share. */
  #sharedShape({ shared }: FitState): Float64Array {
    const { model, identity, ownDeviation } = this.problem;
    const none = new Float64Array(this.#expressions);
    if (identity) return faceShape(model, identity, none);
    const own = shared.length > this.#identities ? shared.subarray(this.#identities) : undefined;
    return faceShape(
      model,
      shared,
      none,
      own?.map((value) => value * ownDeviation),
    );
  }

  /** The value of the objective; with `assemble`, the system is filled with its gradient and its Hessian's approximation. */
  *evaluate(state: FitState, assemble: boolean): Pieces<number> {
    if (assemble) this.system.clear();
    const rest = this.#sharedShape(state);
    let value = this.#priors.evaluate(state, assemble ? this.system : undefined);
    for (let t = 0; t < this.problem.points.length; t++) {
      value += this.#landmarks(t, state, rest, assemble);
      yield;
    }
    return value;
  }

  #landmarks(t: number, { frames }: FitState, rest: Float64Array, assemble: boolean): number {
    const landmarks = this.problem.points[t]!;
    const start = t * this.#length;
    const expression = frames.subarray(start, start + this.#expressions);
    const projection = new PointProjection(frames.subarray(start + this.#expressions));
    let value = 0;
    for (let p = 0; p < landmarkCount; p++) {
      const [u, v] = [landmarks[2 * p]!, landmarks[2 * p + 1]!];
      if (!Number.isFinite(u) || !Number.isFinite(v)) continue;
      this.#drawPoint(projection, 3 * p, rest, expression);
      const [errorU, errorV] = [projection.u - u, projection.v - v];
      const { cost, weight } = this.#costOf(p, errorU ** 2 + errorV ** 2);
      value += cost;
      if (!assemble) continue;
      const root = Math.sqrt(weight);
      this.#derive('u', 0, projection, root, 3 * p);
      this.#derive('v', 1, projection, root, 3 * p);
      this.#accumulate(start, 3 * p, root * errorU, root * errorV);
    }
    return value;
  }

  #drawPoint(projection: PointProjection, i: number, rest: Float64Array, expression: Float64Array): void {
    const directions = this.problem.model.expression;
    let [x, y, z] = [rest[i]!, rest[i + 1]!, rest[i + 2]!];
    for (let k = 0; k < directions.length; k++) {
      x += expression[k]! * directions[k]![i]!;
      y += expression[k]! * directions[k]![i + 1]!;
      z += expression[k]! * directions[k]![i + 2]!;
    }
    projection.draw(x, y, z);
  }

  /** The value of a landmark's residual, and its weight in iteratively reweighted least squares. */
  #costOf(landmark: number, squaredDistance: number): { cost: number; weight: number } {
    const { noise, robust } = this.problem;
    const weight = landmarkWeight(landmark) / noise ** 2;
    const squared = weight * squaredDistance;
    if (!robust) return { cost: squared, weight };
    const limit = outlierDeviations ** 2;
    return { cost: limit * Math.log1p(squared / limit), weight: weight / (1 + squared / limit) };
  }

  /** Computes the derivatives of one coordinate of the landmark whose x has index `i` in a shape. */
  #derive(name: 'u' | 'v', axis: 0 | 1, projection: PointProjection, root: number, i: number): void {
    const { model, ownDeviation } = this.problem;
    const [byFrame, byShared] = [this.#byFrame[axis], this.#byShared[axis]];
    projection.derive(name, root, this.#byPoint, byFrame, this.#expressions);
    const [px, py, pz] = this.#byPoint as unknown as [number, number, number];
    const along = (direction: Float64Array) =>
      px * direction[i]! + py * direction[i + 1]! + pz * direction[i + 2]!;
    for (let k = 0; k < this.#expressions; k++) byFrame[k] = along(model.expression[k]!);
    for (let k = 0; k < this.#identities; k++) byShared[k] = along(model.identity[k]!);
    for (let k = this.#identities; k < byShared.length; k++) {
      byShared[k] = ownDeviation * this.#byPoint[k - this.#identities]!;
    }
  }

  /** Adds the products of a landmark's derivatives to the system; `i` is the index of its x in a shape. */
  #accumulate(start: number, i: number, errorU: number, errorV: number): void {
    const { band, cross, corner, shared, frameGradient, sharedGradient } = this.system;
    const [frameU, frameV] = this.#byFrame;
    const [sharedU, sharedV] = this.#byShared;
    const identities = this.#identities;
    for (let a = 0; a < this.#length; a++) {
      const [du, dv] = [frameU[a]!, frameV[a]!];
      const row = band.at(start + a, start);
      for (let b = 0; b <= a; b++) band.data[row + b]! += du * frameU[b]! + dv * frameV[b]!;
      const crossRow = (start + a) * shared;
      for (let b = 0; b < sharedU.length; b++) {
        const column = b < identities ? b : b + i;
        cross[crossRow + column]! += du * sharedU[b]! + dv * sharedV[b]!;
      }
      frameGradient[start + a]! += du * errorU + dv * errorV;
    }
    for (let a = 0; a < sharedU.length; a++) {
      const [du, dv] = [sharedU[a]!, sharedV[a]!];
      const row = a < identities ? a : a + i;
      for (let b = 0; b <= a; b++) {
        const column = b < identities ? b : b + i;
        corner[row * shared + column]! += du * sharedU[b]! + dv * sharedV[b]!;
      }
      sharedGradient[row]! += du * errorU + dv * errorV;
    }
  }
}
