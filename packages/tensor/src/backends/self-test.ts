import * as tf from '@tensorflow/tfjs-core';
import { differentiate } from '../autodiff/tape';
import { FaceanimError } from '../errors';
import { read } from '../memory/read';

/** d/dx of sum(conv(x, [[1, 2], [3, 4]])) for a 3x3 x: for each pixel, the sum of the taps that touch it. */
const expected = [1, 3, 2, 4, 10, 6, 3, 7, 4];

/**
 * Computes a small gradient on the active backend and compares it with known numbers.
 *
 * @throws FaceanimError `backend-unavailable` if they differ
 */
export async function gradientSelfTest(name: string): Promise<void> {
  const gradient = tf.tidy(() => {
    const filter = tf.tensor4d([1, 2, 3, 4], [2, 2, 1, 1]);
    const loss = (x: tf.Tensor) => tf.sum(tf.conv2d(x as tf.Tensor4D, filter, 1, 'valid'));
    // `tf.grad` keeps what it has saved when an operation fails.
    return differentiate(loss, [tf.ones([1, 3, 3, 1])]).gradients[0]!;
  });
  const got = Array.from(await read(gradient));
  if (expected.every((value, i) => Math.abs(value - (got[i] ?? Number.NaN)) < 1e-3)) return;
  throw new FaceanimError(
    'backend-unavailable',
    `The ${name} backend failed its gradient self-test: got ${got.join(', ')}, expected ${expected.join(', ')}.`,
    { hint: 'Use another backend, and please report this with your CPU or GPU and driver version.' },
  );
}
