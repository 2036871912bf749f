import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { tidyKept } from '../src';

beforeAll(() => tf.setBackend('cpu'));

it('keeps what a function creates, in whatever tidy, and owns nothing that it only passes on', () => {
  const before = tf.memory().numTensors;
  const given = tf.scalar(1);
  let kept!: { value: { sum: tf.Tensor; inner: tf.Tensor; given: tf.Tensor }; created: tf.Tensor[] };
  tf.tidy(() => {
    kept = tidyKept(() => {
      const intermediate = tf.scalar(2);
      const inner = tf.tidy(() => tf.mul(intermediate, 3));
      return { sum: tf.add(given, intermediate), inner, given };
    });
  });
  expect(kept.created).toEqual([kept.value.sum, kept.value.inner]);
  expect(kept.value.sum.dataSync()[0]).toBe(3);
  expect(kept.value.inner.dataSync()[0]).toBe(6);
  expect(tf.memory().numTensors - before).toBe(3);
  tf.dispose(kept.created);
  expect(given.dataSync()[0]).toBe(1);
  given.dispose();
});

it('a tensor that is kept already stays whose it is', () => {
  const outer = tidyKept(() => tidyKept(() => tf.scalar(1)).value);
  expect(outer.created).toEqual([]);
  outer.value.dispose();
});
