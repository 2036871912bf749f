import { FaceanimError, type HostTensor } from '@faceanim/tensor';
import {
  accepting,
  aFunction,
  aString,
  bagOf,
  having,
  numberFrom,
  type OptionCheck,
  trueOrFalse,
  wholeNumberFrom,
} from '@faceanim/tensor/options';
import { type NamedTensorMap, util } from '@tensorflow/tfjs-core';
import type { HostTensors, Optimizer, OptimizerProblem, OptimizerStart } from '../optimizers/optimizer';

const required: Readonly<Record<string, OptionCheck>> = {
  name: aString,
  settings: accepting('an object', (value) => typeof value === 'object' && value !== null),
  steps: bagOf({ first: wholeNumberFrom(1), next: wholeNumberFrom(1) }, 'first', 'next'),
};

const optional: Readonly<Record<string, OptionCheck>> = {
  trainsNoise: trueOrFalse,
  extrapolation: numberFrom(0),
  carryOver: accepting(
    'a list of names of its state',
    (value) => Array.isArray(value) && value.every((name) => typeof name === 'string'),
  ),
  best: bagOf({ coordinates: aString, losses: aString }, 'coordinates', 'losses'),
  check: aFunction,
  inputs: aFunction,
};

const anOptimizer = having('an optimizer, e.g. quasiNewton() or adam()', 'init', 'step');

/** Accepts an {@link Optimizer} with all members that it must have. */
export const optimizerCheck: OptionCheck = (value, name) => {
  anOptimizer(value, name);
  const members = value as Readonly<Record<string, unknown>>;
  for (const [key, check] of Object.entries(required)) check(members[key], `${name}.${key}`);
  for (const [key, check] of Object.entries(optional))
    if (members[key] !== undefined) check(members[key], `${name}.${key}`);
};

/**
 * Rejects a problem that an optimizer cannot solve.
 *
 * @param trainNoise whether noise maps are optimised too
 * @throws {FaceanimError} `invalid-option`.
 */
export function checkProblem(optimizer: Optimizer, problem: OptimizerProblem, trainNoise: boolean): void {
  if (trainNoise && !optimizer.trainsNoise) {
    throw new FaceanimError(
      'invalid-option',
      `The optimizer ${optimizer.name} does not optimise noise maps.`,
      {
        hint: 'Use optimizer: adam(), or leave the noise maps as they are.',
      },
    );
  }
  optimizer.check?.(problem);
}

/**
 * Rejects a first state without what `best` and `carryOver` say is in it.
 *
 * @throws {FaceanimError} `invalid-option`.
 */
export function checkState(
  optimizer: Optimizer,
  state: HostTensors,
  { params, terms }: OptimizerStart,
): void {
  const { best, carryOver = [] } = optimizer;
  const { shape, data } = params.coordinates!;
  const batch = shape[0]!;
  const expect = (name: string, expected: string, holds: (tensor: HostTensor) => boolean) => {
    const given = state[name];
    if (!given || !holds(given)) throw broken(optimizer, `init must return ${name} ${expected}`, given);
  };
  for (const name of Object.keys(state)) {
    expect(name, 'with as many numbers as its shape has', (given) => sizeOf(given) === given.data.length);
  }
  for (const name of carryOver) {
    expect(name, `[${batch}, ...], with the batch as first axis`, (given) => given.shape[0] === batch);
  }
  if (!best) return;
  expect(best.coordinates, `of ${data.length} numbers`, (given) => sizeOf(given) === data.length);
  expect(best.losses, `[${terms + 1}, ${batch}]`, (given) => isShape(given, [terms + 1, batch]));
}

/**
 * Rejects what a step returned unless it has the names and shapes of what went in.
 *
 * @throws {FaceanimError} `invalid-option`.
 */
export function checkStep(
  optimizer: Optimizer,
  before: Readonly<Record<'params' | 'state', Readonly<NamedTensorMap>>>,
  after: Partial<Record<'params' | 'state', Readonly<NamedTensorMap>>> | undefined,
): void {
  for (const part of ['params', 'state'] as const) {
    const [known, given] = [before[part], after?.[part] ?? {}];
    for (const name of Object.keys({ ...known, ...given })) {
      const expected = known[name];
      if (!expected) throw broken(optimizer, `step must not add ${part}.${name}`, given[name]);
      if (given[name] && isShape(given[name], expected.shape)) continue;
      throw broken(optimizer, `step must return ${part}.${name} [${expected.shape}]`, given[name]);
    }
  }
}

type Shaped = { readonly shape: readonly number[] };

const sizeOf = ({ shape }: Shaped): number => util.sizeFromShape([...shape]);

/** Whether it has this shape. */
export function isShape(tensor: Shaped, shape: readonly number[]): boolean {
  return util.arraysEqual([...tensor.shape], [...shape]);
}

function broken(optimizer: Optimizer, rule: string, given: Shaped | undefined): FaceanimError {
  const got = given ? `[${given.shape}]` : 'nothing';
  return new FaceanimError('invalid-option', `The optimizer ${optimizer.name}: ${rule}, got ${got}.`, {
    hint: 'checkOptimizer of @faceanim/core/testing runs an optimizer on a small problem.',
  });
}
