import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { checkpointed } from '../src/autodiff/activation-checkpointing';
import { valueAndGradients } from '../src/autodiff/value-and-gradients';
import { FrozenConv } from '../src/ops/conv/frozen-conv';
import { leakyRelu } from '../src/ops/leaky-relu';
import { scaleChannels } from '../src/ops/scale-channels';
import { peakBytes } from '../src/testing';
import { eachBackend } from './support/backends';
import { maxRelative } from './support/compare';

eachBackend(() => {
  let conv: FrozenConv;
  let x: tf.Tensor4D;
  let scale: tf.Tensor2D;
  let runs: number;
  beforeEach(async () => {
    const weights = tf.randomNormal([8, 8, 3, 3], 0, 0.15, 'float32', 3);
    conv = new FrozenConv(
      { shape: [8, 8, 3, 3], data: (await weights.data()) as Float32Array },
      { padding: 1 },
    );
    weights.dispose();
    x = tf.randomNormal([2, 9, 7, 8], 0, 1, 'float32', 1);
    scale = tf.randomNormal([2, 8], 1, 0.3, 'float32', 2);
    runs = 0;
  });
  afterEach(() => {
    conv[Symbol.dispose]();
    tf.dispose([x, scale]);
  });

  const block = (a: tf.Tensor, s: tf.Tensor) => {
    runs++;
    let value = a as tf.Tensor4D;
    for (let i = 0; i < 4; i++) value = leakyRelu(conv.apply(scaleChannels(value, s as tf.Tensor2D)));
    return value;
  };
  const network = (apply: typeof block) => (a?: tf.Tensor, s?: tf.Tensor) => {
    let value = a!;
    for (let i = 0; i < 3; i++) value = apply(value, s!);
    return tf.sum(tf.square(value)) as tf.Scalar;
  };
  const plain = network(block);
  const frugal = network((a, s) => checkpointed(block, [a, s]));

  it('has the value and gradients of the wrapped function', async () => {
    const a = valueAndGradients(plain, [x, scale]);
    expect(runs).toBe(3);
    const b = valueAndGradients(frugal, [x, scale]);
    expect(runs).toBe(9);
    // Also when tfjs follows the tape.
    const c = tf.valueAndGrads(frugal)([x, scale]);
    for (const { value, gradients } of [b, { value: c.value, gradients: c.grads }]) {
      expect(await maxRelative(value, a.value)).toBeLessThan(1e-6);
      expect(await maxRelative(gradients[0]!, a.gradients[0]!)).toBeLessThan(1e-5);
      expect(await maxRelative(gradients[1]!, a.gradients[1]!)).toBeLessThan(1e-5);
    }
    tf.dispose([a.value, a.gradients, b.value, b.gradients, c.value, c.grads]);
  });

  it('runs the function once if no gradient is computed', async () => {
    const [a, b] = tf.tidy(() => [plain(x, scale), frugal(x, scale)] as const);
    expect(runs).toBe(6);
    expect(await maxRelative(b, a)).toBe(0);
    tf.dispose([a, b]);
  });

  it('lowers peak memory', () => {
    const peak = (f: typeof plain) =>
      peakBytes(() => {
        const { value, gradients } = valueAndGradients(f, [x, scale]);
        tf.dispose([value, gradients]);
      });
    expect(peak(frugal)).toBeLessThan(0.7 * peak(plain));
  });

  it('gives zeros for an unused input', async () => {
    const { value, gradients } = valueAndGradients(
      (a, s) => tf.sum(checkpointed((a) => tf.square(a!), [a!, s!])),
      [x, scale],
    );
    expect(await gradients[1]!.data()).toEqual(new Float32Array(scale.size));
    tf.dispose([value, gradients]);
  });
});
