import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { customOp } from '../src/autodiff/custom-op';
import { valueAndGradients } from '../src/autodiff/value-and-gradients';
import { shareWasmClones } from '../src/backends/wasm/clones';
import { peakBytes } from '../src/testing';
import { eachBackend } from './support/backends';
import { maxRelative } from './support/compare';

// tfjs saves clones for the backward pass.
shareWasmClones();

eachBackend(() => {
  let x: tf.Tensor4D;
  let y: tf.Tensor4D;
  beforeEach(() => {
    x = tf.randomNormal([1, 6, 6, 4], 0, 1, 'float32', 1);
    y = tf.randomNormal([1, 6, 6, 4], 0, 1, 'float32', 2);
  });
  afterEach(() => tf.dispose([x, y]));

  it('equals tfjs for tensors with many uses and outputs without any', async () => {
    const f = (a: tf.Tensor, b: tf.Tensor): tf.Scalar => {
      const [first, , third] = tf.split(tf.concat([tf.mul(a, b), tf.exp(a), a], 3), 3, 3);
      return tf.sum(tf.mul(tf.add(first!, a), tf.add(third!, tf.tanh(tf.sub(a, b)))));
    };
    const { value, gradients } = valueAndGradients(f as (...xs: tf.Tensor[]) => tf.Scalar, [x, y]);
    const expected = tf.valueAndGrads(f)([x, y]);
    expect(await maxRelative(value, expected.value)).toBeLessThan(1e-6);
    for (const [i, gradient] of gradients.entries()) {
      expect(await maxRelative(gradient, expected.grads[i]!)).toBeLessThan(1e-6);
    }
    tf.dispose([value, gradients, expected.value, expected.grads]);
  });

  it('gives zeros for inputs that the value does not depend on', async () => {
    const { value, gradients } = valueAndGradients((a) => tf.sum(a!), [x, y]);
    expect(await gradients[0]!.data()).toEqual(new Float32Array(144).fill(1));
    expect(await gradients[1]!.data()).toEqual(new Float32Array(144));
    tf.dispose([value, gradients]);
  });

  it('allows gradient functions that return the upstream gradient itself, even twice', async () => {
    const addition = (a: tf.Tensor, b: tf.Tensor) =>
      customOp([a, b], () => ({ value: tf.add(a, b), backward: (dy) => [dy, dy] }));
    const { value, gradients } = valueAndGradients(
      (a, b) => tf.sum(addition(addition(a!, b!), addition(a!, a!))),
      [x, y],
    );
    expect(await gradients[0]!.data()).toEqual(new Float32Array(144).fill(3));
    expect(await gradients[1]!.data()).toEqual(new Float32Array(144).fill(1));
    tf.dispose([value, gradients]);
  });

  it('lets operations take accumulated gradients, once', async () => {
    let taken = 0;
    const product = (a: tf.Tensor, b: tf.Tensor) =>
      customOp([a, b], () => ({
        value: tf.mul(a, b),
        saved: [a, b],
        backward: (dy, saved, arrived) =>
          [tf.mul(dy, saved[1]!), tf.mul(dy, saved[0]!)].map((gradient, i) => {
            const before = arrived(i);
            if (before) taken++;
            return before ? tf.add(gradient, before) : gradient;
          }),
      }));
    const f = (a?: tf.Tensor, b?: tf.Tensor) => tf.sum(tf.mul(product(product(a!, a!), b!), a!)) as tf.Scalar;
    const { value, gradients } = valueAndGradients(f, [x, y]);
    expect(taken).toBe(1);
    const expected = tf.valueAndGrads(f)([x, y]);
    expect(taken).toBe(1);
    for (const [i, gradient] of gradients.entries()) {
      expect(await maxRelative(gradient, expected.grads[i]!)).toBeLessThan(1e-6);
    }
    tf.dispose([value, gradients, expected.value, expected.grads]);
  });

  it('leaks nothing when the function or a gradient throws', () => {
    const before = tf.memory().numTensors;
    const failing = (a: tf.Tensor) =>
      customOp([a], () => ({
        value: tf.neg(a),
        saved: [a],
        backward: () => {
          throw new Error('no way back');
        },
      }));
    expect(() => valueAndGradients((a) => tf.sum(failing(tf.square(a!))), [x])).toThrow('no way back');
    expect(() =>
      valueAndGradients(
        (a) => {
          tf.square(a!);
          throw new Error('no way there');
        },
        [x],
      ),
    ).toThrow('no way there');
    expect(tf.memory().numTensors).toBe(before);
  });

  it('frees tensors during the backward pass as soon as possible', () => {
    const chain = (a?: tf.Tensor) => {
      let value = a!;
      for (let i = 0; i < 20; i++) value = tf.tidy(() => tf.sin(value));
      return tf.sum(value) as tf.Scalar;
    };
    const bytes = x.size * 4;
    const ours = peakBytes(() => {
      const { value, gradients } = valueAndGradients(chain, [x]);
      tf.dispose([value, gradients]);
    });
    const theirs = peakBytes(() => {
      const { value, grad } = tf.valueAndGrad(chain)(x);
      tf.dispose([value, grad]);
    });
    // Both keep twenty values; tfjs also keeps a gradient for each of them.
    expect(theirs - ours).toBeGreaterThan(16 * bytes);
  });
});
