import { Matrix, solve } from 'ml-matrix';
import { expect, it } from 'vitest';
import { ArrowSystem } from '../../src/retargeting/arrow-system';
import type { FitProblem } from '../../src/retargeting/fit-problem';
import { NormalEquations } from '../../src/retargeting/normal-equations';
import { atOnce } from '../../src/retargeting/pieces';
import { clipOf, coefficients, model } from './bundled-model';

const small = { ...model, identity: model.identity.slice(0, 3), expression: model.expression.slice(0, 2) };

it.each([
  { robust: false, ownDeviation: 0 },
  { robust: true, ownDeviation: 0.02 },
])('the gradient is that of the objective: %o', ({ robust, ownDeviation }) => {
  const points = clipOf(coefficients(model.identity.length, 1), 4, 0.1).map((frame) =>
    frame.map((v) => v / 80),
  );
  points[1]![20] = Number.NaN;
  const problem: FitProblem = { model: small, points, noise: 0.05, ownDeviation, expressionPrior: 2, robust };
  const equations = new NormalEquations(problem);
  const { frameGradient, sharedGradient, shared } = equations.system;
  const state = { frames: coefficients(4 * 8, 2).map((v) => v / 5), shared: coefficients(shared, 3) };
  atOnce(equations.evaluate(state, true));
  for (const [name, gradient] of [
    ['frames', frameGradient.slice()],
    ['shared', sharedGradient.slice()],
  ] as const) {
    for (const i of gradient.keys()) {
      const at = (step: number) => {
        const moved = { ...state, [name]: state[name].map((v, j) => (i === j ? v + step : v)) };
        return atOnce(equations.evaluate(moved, false));
      };
      const slope = (at(1e-5) - at(-1e-5)) / 2e-5;
      // The objective is a sum of squares without the half that its gradient has.
      expect(2 * gradient[i]!, `${name} ${i}`).toBeCloseTo(slope, -Math.log10(1e-4 * Math.abs(slope) + 1e-2));
    }
  }
});

it('an arrow system has the solution of the full matrix', () => {
  const [size, width, shared] = [9, 3, 2];
  const random = coefficients(400, 4);
  const whole = Matrix.zeros(size + shared, size + shared);
  const system = new ArrowSystem(size, width, shared);
  let drawn = 0;
  for (let i = 0; i < size; i++) {
    for (let j = Math.max(0, i - width); j <= i; j++) {
      const value = random[drawn++]! + (i === j ? 8 : 0);
      system.band.data[system.band.at(i, j)] = value;
      whole.set(i, j, value);
      whole.set(j, i, value);
    }
    for (let a = 0; a < shared; a++) {
      const value = (system.cross[i * shared + a] = random[drawn++]!);
      whole.set(i, size + a, value);
      whole.set(size + a, i, value);
    }
    system.frameGradient[i] = random[drawn++]!;
  }
  for (let a = 0; a < shared; a++) {
    for (let b = 0; b <= a; b++) {
      const value = (system.corner[a * shared + b] = random[drawn++]! + (a === b ? 8 : 0));
      whole.set(size + a, size + b, value);
      whole.set(size + b, size + a, value);
    }
    system.sharedGradient[a] = random[drawn++]!;
  }
  const damping = 0.1;
  for (let i = 0; i < size + shared; i++) whole.set(i, i, (1 + damping) * whole.get(i, i));
  const gradient = Matrix.columnVector([...system.frameGradient, ...system.sharedGradient]);
  const expected = solve(whole, gradient).getColumn(0);
  const { frames, shared: border } = atOnce(system.solve(damping))!;
  for (const [i, value] of [...frames, ...border].entries()) expect(value).toBeCloseTo(expected[i]!, 10);
});

it('a matrix that is not positive definite has no solution', () => {
  const system = new ArrowSystem(2, 1, 0);
  system.band.data.set([0, 1, 2, 1]);
  expect(atOnce(system.solve(0))).toBeUndefined();
});
