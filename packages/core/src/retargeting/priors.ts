import type { ArrowSystem } from './arrow-system';
import {
  type FitProblem,
  type FitState,
  placePrior,
  poseLength,
  rotationPrior,
  smoothness,
} from './fit-problem';

/** The prior terms of a {@link FitProblem}: those of its objective that do not depend on landmarks. */
export class Priors {
  readonly #frames: number;
  /** Weights of the squared parameters of a frame. */
  readonly #squares: Float64Array;
  /** Weights of the squared second differences over time. */
  readonly #differences: Float64Array;

  constructor({ model, points, expressionPrior }: FitProblem) {
    this.#frames = points.length;
    const { expression, rotation, scale, shift } = smoothness;
    const expressions = model.expression.length;
    this.#squares = weights(expressions, expressionPrior, rotationPrior, placePrior, placePrior);
    this.#differences = weights(expressions, expression, rotation, scale, shift);
  }

  /** Returns the value of the terms; adds their derivatives to a system if there is one. */
  evaluate({ frames, shared }: FitState, system: ArrowSystem | undefined): number {
    let value = this.#ofShared(shared, system);
    for (let t = 0; t < this.#frames; t++) {
      value += this.#ofFrame(t, frames, system);
      if (t >= 2) value += this.#ofMotion(t, frames, system);
    }
    return value;
  }

  #ofShared(parameters: Float64Array, system: ArrowSystem | undefined): number {
    let value = 0;
    for (const [a, parameter] of parameters.entries()) {
      value += parameter ** 2;
      if (!system) continue;
      system.corner[a * parameters.length + a]! += 1;
      system.sharedGradient[a]! += parameter;
    }
    return value;
  }

  #ofFrame(t: number, frames: Float64Array, system: ArrowSystem | undefined): number {
    const length = this.#squares.length;
    let value = 0;
    for (let k = 0; k < length; k++) {
      const i = t * length + k;
      const weight = this.#squares[k]!;
      value += weight * frames[i]! ** 2;
      if (!system) continue;
      system.band.data[system.band.at(i, i)]! += weight;
      system.frameGradient[i]! += weight * frames[i]!;
    }
    return value;
  }

  #ofMotion(t: number, frames: Float64Array, system: ArrowSystem | undefined): number {
    const length = this.#differences.length;
    let value = 0;
    for (let k = 0; k < length; k++) {
      const places = [2, 1, 0].map((back) => (t - back) * length + k);
      const weight = this.#differences[k]!;
      const difference = frames[places[0]!]! - 2 * frames[places[1]!]! + frames[places[2]!]!;
      value += weight * difference ** 2;
      if (!system) continue;
      for (let a = 0; a < 3; a++) {
        system.frameGradient[places[a]!]! += weight * stencil[a]! * difference;
        for (let b = 0; b <= a; b++) {
          system.band.data[system.band.at(places[a]!, places[b]!)]! += weight * stencil[a]! * stencil[b]!;
        }
      }
    }
    return value;
  }
}

/** Coefficients of a second difference. */
const stencil = [1, -2, 1] as const;

/** One weight for each parameter of a frame. */
function weights(
  expressions: number,
  expression: number,
  rotation: number,
  scale: number,
  shift: number,
): Float64Array {
  const all = new Float64Array(expressions + poseLength).fill(expression, 0, expressions);
  all.set([rotation, rotation, rotation, scale, shift, shift], expressions);
  return all;
}
