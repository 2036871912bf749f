import { FaceanimError } from '@faceanim/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import '../../../tensor/test/support/backends';
import { adam, type HostTensors, type Optimizer, quasiNewton } from '../../src';
import { checkOptimizer, tinyRun } from '../../src/testing';

beforeAll(() => tf.setBackend('cpu'));

/** Gradient descent that carries its last step over. */
const descent: Optimizer = {
  specificationVersion: 'v1',
  name: 'descent',
  settings: {},
  steps: { first: 8, next: 4 },
  carryOver: ['last'],
  init: ({ params, carriedOver }) => {
    const { shape, data } = params.coordinates!;
    return { last: carriedOver?.last ?? { shape, data: new Float32Array(data.length) } };
  },
  step: ({ params, gradients, state }) => {
    const last = tf.sub(tf.mul(state.last!, 0.5), tf.mul(gradients.coordinates!, 0.2));
    return { params: { coordinates: tf.add(params.coordinates!, last) }, state: { last } };
  },
};

it.each<[string, Optimizer]>([
  ['quasiNewton', quasiNewton()],
  ['adam', adam()],
  ['one from outside', descent],
])('%s keeps the contract of optimizers', async (_, optimizer) => {
  const { progress, resumes, leaked } = await checkOptimizer(optimizer);
  expect(progress).toBeLessThan(0.95);
  expect({ resumes, leaked }).toEqual({ resumes: true, leaked: 0 });
});

it('checkOptimizer notices an optimizer that keeps something to itself', async () => {
  let calls = 0;
  const { resumes } = await checkOptimizer({ ...descent, carryOver: [], init: noState, step: ownRate });
  expect(resumes).toBe(false);

  function noState() {
    return {};
  }
  function ownRate({ params, gradients }: Parameters<Optimizer['step']>[0]) {
    const rate = 0.2 / ++calls;
    return {
      params: { coordinates: tf.sub(params.coordinates!, tf.mul(gradients.coordinates!, rate)) },
      state: {},
    };
  }
});

const scalar = { shape: [], data: Float32Array.of(0) };
const filled = (shape: number[]) => ({ shape, data: new Float32Array(tf.util.sizeFromShape(shape)) });

it.each<[string, object, RegExp]>([
  ['without a name', { name: undefined }, /^optimizer\.name must be a string/],
  ['without settings', { settings: undefined }, /^optimizer\.settings must be an object/],
  ['without steps', { steps: undefined }, /^optimizer\.steps must be an object of first, next/],
  [
    'without steps of later frames',
    { steps: { first: 1 } },
    /^optimizer\.steps\.next must be a whole number/,
  ],
  [
    'that does not say where its best losses are',
    { best: { coordinates: 'last' } },
    /^optimizer\.best\.losses/,
  ],
  [
    'that carries over what it does not have',
    { carryOver: ['inverse'] },
    /init must return inverse .*nothing/,
  ],
  [
    'that carries over what has no batch axis',
    { carryOver: ['rate'], init: () => ({ rate: scalar }) },
    /init must return rate \[1, \.\.\.\]/,
  ],
  [
    'with more numbers than its state has room for',
    { init: () => ({ last: { shape: [1, 2], data: new Float32Array(3) } }) },
    /init must return last with as many numbers/,
  ],
  [
    'whose best coordinates are of another size',
    { best: { coordinates: 'last', losses: 'losses' }, init: () => ({ last: filled([1, 2]) }) },
    /init must return last of 6 numbers, got \[1,2\]/,
  ],
  [
    'whose best losses are of another shape',
    {
      best: { coordinates: 'last', losses: 'losses' },
      init: () => ({ last: filled([1, 1, 6]), losses: filled([1, 1]) }),
    },
    /init must return losses \[3, 1\], got \[1,1\]/,
  ],
  ['whose step returns nothing', { step: () => undefined }, /step must return params\.coordinates/],
  [
    'whose step returns no parameters',
    { step: ({ state }: { state: object }) => ({ state }) },
    /step must return params\.coordinates \[1,1,6\], got nothing/,
  ],
  [
    'whose step changes the shape of its state',
    { step: ({ params }: { params: object }) => ({ params, state: { last: tf.zeros([2]) } }) },
    /step must return state\.last \[1,1,6\], got \[2\]/,
  ],
  [
    'whose step adds state',
    {
      step: ({ params, state }: { params: object; state: object }) => ({
        params,
        state: { ...state, x: tf.scalar(1) },
      }),
    },
    /step must not add state\.x/,
  ],
])('refuses an optimizer %s', async (_, change, message) => {
  const before = tf.memory().numTensors;
  const { error } = await tinyRun(1, { optimizer: { ...descent, ...change } as Optimizer });
  expect(FaceanimError.isInstance(error, 'invalid-option'), String(error)).toBe(true);
  expect((error as FaceanimError).message).toMatch(message);
  expect(tf.memory().numTensors).toBe(before);
});

it('refuses to resume with state of another shape', async () => {
  const { frames } = await tinyRun(1, { optimizer: descent });
  const wrong: HostTensors[] = [{ last: filled([1, 2]) }, {}];
  for (const carriedOver of wrong) {
    const resume = [{ ...frames[0]!, carriedOver }];
    const { error } = await tinyRun(2, { optimizer: descent, resume });
    expect(error).toMatchObject({
      code: 'resume-mismatch',
      frame: 0,
      message: expect.stringMatching(/the optimizer's last is (\[1,2\]|missing) in it and \[1,6\]/),
    });
  }
});
