import type { FitProblem, FitState } from './fit-problem';
import { NormalEquations } from './normal-equations';
import type { Pieces } from './pieces';

/** The fit stops when a step reduces the objective by less than this share. */
const tolerance = 1e-5;
const maxSteps = 50;

/**
 * Minimises the objective of a fit by the Levenberg-Marquardt method (Marquardt 1963).
 * A fit takes about five steps.
 */
export function* minimize(problem: FitProblem, start: FitState): Pieces<FitState> {
  const equations = new NormalEquations(problem);
  let state = start;
  let value = yield* equations.evaluate(state, true);
  let damping = 1e-4;
  for (let step = 0; step < maxSteps && damping < 1e8; step++) {
    const direction = yield* equations.system.solve(damping);
    const next = direction && {
      frames: difference(state.frames, direction.frames),
      shared: difference(state.shared, direction.shared),
    };
    const nextValue = next ? yield* equations.evaluate(next, false) : Number.POSITIVE_INFINITY;
    if (!next || !(nextValue < value)) {
      if (nextValue - value <= tolerance * value) break;
      damping *= 10;
      continue;
    }
    const converged = value - nextValue < tolerance * value;
    state = next;
    if (converged) break;
    damping = Math.max(damping / 10, 1e-9);
    value = yield* equations.evaluate(state, true);
  }
  return state;
}

function difference(a: Float64Array, b: Float64Array): Float64Array {
  return a.map((value, i) => value - b[i]!);
}
