import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { eachBackend } from '../../../tensor/test/support/backends';
import { decodeFrame, encodeFrame, type Optimizer, type ProjectedFrame } from '../../src';
import { tinyRun } from '../../src/testing';
import { recordingBackend } from '../sequence/support';

/** Gradient descent with momentum, as an application would write it; its velocity is carried over from frame to frame. */
const momentum = ({ rate = 0.2, decay = 0.8 } = {}): Optimizer => ({
  specificationVersion: 'v1',
  name: 'momentum',
  settings: { rate, decay },
  steps: { first: 20, next: 5 },
  carryOver: ['velocity'],
  init: ({ params, carriedOver }) => {
    const { shape, data } = params.coordinates!;
    return { velocity: carriedOver?.velocity ?? { shape, data: new Float32Array(data.length) } };
  },
  inputs: ({ step, steps }) => ({ rate: { shape: [], data: Float32Array.of(rate * (1 - step / steps)) } }),
  step: ({ params, gradients, state, inputs }) => {
    const pull = tf.mul(gradients.coordinates!, inputs.rate!);
    const velocity = tf.sub(tf.mul(state.velocity!, decay), pull);
    return { params: { coordinates: tf.add(params.coordinates!, velocity) }, state: { velocity } };
  },
});

const coordinates = (frames: readonly ProjectedFrame[]) => frames.map((frame) => [...frame.coordinates]);

eachBackend(() => {
  it('an optimizer from outside projects a sequence with one program per kind of frame, and leaks no tensors', async () => {
    const before = tf.memory().numTensors;
    const programs: string[][] = [];
    const backend = recordingBackend((inputs) => programs.push(Object.keys(inputs)));
    const { frames, error } = await tinyRun(3, { backend, optimizer: momentum() });
    expect(error).toBeUndefined();
    expect(frames.map(({ steps }) => steps)).toEqual([20, 5, 5]);
    expect(frames[0]!.losses.total).toBeLessThan(0.7 * frames[0]!.history[0]!.total);
    expect(programs).toHaveLength(2);
    for (const names of programs)
      expect(names).toEqual(expect.arrayContaining(['state/velocity', 'inputs/rate']));
    expect(tf.memory().numTensors).toBe(before);
  });

  it('its carried-over state is saved with the frame, and used on resume', async () => {
    const { frames } = await tinyRun(3, { optimizer: momentum() });
    const saved = frames.slice(0, 2).map((frame) => decodeFrame(encodeFrame(frame)));
    expect(saved[1]!.carriedOver).toEqual(frames[1]!.carriedOver);
    const resumed = await tinyRun(3, { optimizer: momentum(), resume: saved });
    expect(coordinates(resumed.frames)).toEqual(coordinates(frames));
    const { carriedOver, ...forgetful } = saved[1]!;
    const without = await tinyRun(3, {
      optimizer: momentum(),
      resume: [{ ...saved[0]!, carriedOver: undefined }, forgetful],
    });
    expect(coordinates(without.frames)[2]).not.toEqual(coordinates(frames)[2]);
  });
});

it('its settings are compared on resume, and it is refused problems that it cannot solve', async () => {
  await tf.setBackend('cpu');
  const { frames } = await tinyRun(1, { optimizer: momentum() });
  const other = await tinyRun(1, { optimizer: momentum({ rate: 0.1 }), resume: frames });
  expect(other.error).toMatchObject({
    code: 'resume-mismatch',
    message: expect.stringContaining('optimizer.rate was 0.2 and is 0.1'),
  });
  const noiseMaps = { optimize: 'first-frame', after: 'keep' } as const;
  const refused = await tinyRun(1, { optimizer: momentum(), noiseMaps });
  expect(refused.error).toMatchObject({
    code: 'invalid-option',
    message: expect.stringContaining('momentum does not optimise noise maps'),
    hint: expect.stringContaining('adam()'),
  });
});
