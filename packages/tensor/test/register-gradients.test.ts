import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { eachBackend } from './support/backends';

eachBackend(() => {
  it('registers the gradients of tfjs operations', async () => {
    const x = tf.tensor1d([1, -2, 3]);
    const g = tf.grad((v: tf.Tensor) => tf.sum(tf.square(v)))(x);
    expect([...(await g.data())]).toEqual([2, -4, 6]);
    tf.dispose([x, g]);
  });
});
