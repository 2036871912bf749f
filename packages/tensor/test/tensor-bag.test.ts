import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { TensorBag } from '../src';
import './support/backends';

beforeAll(() => tf.setBackend('wasm'));

describe('a bag of tensors', () => {
  it('releases everything, the last first', () => {
    const before = tf.memory().numTensors;
    const released: string[] = [];
    {
      using bag = new TensorBag();
      bag.defer(() => released.push('first'));
      bag.use({ [Symbol.dispose]: () => released.push('second') });
      bag.keep(tf.scalar(1));
      expect(tf.memory().numTensors).toBe(before + 1);
    }
    expect(released).toEqual(['second', 'first']);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('releases what it has if a network cannot be made', () => {
    const before = tf.memory().numTensors;
    const build = () =>
      TensorBag.build((bag) => {
        bag.keep(tf.scalar(1));
        throw new Error('no room');
      });
    expect(build).toThrow('no room');
    expect(tf.memory().numTensors).toBe(before);
  });

  it('makes constants that tf.tidy leaves alone', async () => {
    using bag = new TensorBag();
    let constant!: tf.Tensor1D;
    tf.tidy(() => {
      constant = bag.constant<tf.Rank.R1>(Float32Array.of(1, 2), [2]);
    });
    expect([...(await constant.data())]).toEqual([1, 2]);
  });

  it('refuses further use once it is released', () => {
    const bag = new TensorBag();
    expect(() => bag.checkOpen('generator')).not.toThrow();
    bag[Symbol.dispose]();
    expect(() => bag.checkOpen('generator')).toThrow(
      expect.objectContaining({ code: 'invalid-option', message: expect.stringContaining('generator') }),
    );
  });
});
