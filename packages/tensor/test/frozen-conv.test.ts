import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { FrozenConv } from '../src/ops/conv/frozen-conv';
import { frozenConvName } from '../src/ops/conv/frozen-conv-kernel';
import { FirFilter } from '../src/ops/fir-filter';
import { PolyphaseFilter } from '../src/ops/polyphase-filter';
import { eachBackend } from './support/backends';
import { maxRelative } from './support/compare';

const random = (shape: number[], seed: number) => tf.randomNormal(shape, 0, 1, 'float32', seed);

interface Case {
  name: string;
  kernel: [number, number];
  stride: number;
  padding: number | [number, number, number, number];
  size: [number, number];
}

const cases: Case[] = [
  { name: '1x1', kernel: [1, 1], stride: 1, padding: 0, size: [5, 4] },
  { name: '3x3, padding 1', kernel: [3, 3], stride: 1, padding: 1, size: [6, 7] },
  { name: '3x3, uneven padding', kernel: [3, 3], stride: 1, padding: [0, 2, 1, 0], size: [5, 6] },
  { name: '3x2, not square', kernel: [3, 2], stride: 1, padding: [1, 1, 0, 1], size: [4, 6] },
  { name: '3x3, stride 2, odd size', kernel: [3, 3], stride: 2, padding: 0, size: [9, 7] },
  { name: '3x3, stride 2, rows left over', kernel: [3, 3], stride: 2, padding: 0, size: [8, 10] },
  { name: '3x3, stride 2, padding 1', kernel: [3, 3], stride: 2, padding: 1, size: [8, 9] },
  { name: '7x7, stride 2, padding 3 (FAN)', kernel: [7, 7], stride: 2, padding: 3, size: [16, 12] },
  { name: '11x11, stride 4, padding 2 (AlexNet)', kernel: [11, 11], stride: 4, padding: 2, size: [23, 27] },
  { name: '1x1, stride 2', kernel: [1, 1], stride: 2, padding: 0, size: [5, 6] },
];

const weight = { shape: [5, 3, 3, 3], data: new Float32Array(135).map((_, i) => Math.sin(i)) };

eachBackend((backend) => {
  for (const { name, kernel, stride, padding, size } of cases) {
    it(`${name}: value, gradient and transpose equal those of tf.conv2d`, async () => {
      const [height, width] = size;
      const filter = random([...kernel, 3, 5], 1) as tf.Tensor4D;
      const oihw = tf.tidy(() => tf.transpose(filter, [3, 2, 0, 1]));
      const bias = new Float32Array([1, -2, 3, -4, 5]);
      const weight = { shape: oihw.shape, data: (await oihw.data()) as Float32Array };
      const conv = new FrozenConv(weight, { stride, padding, bias });
      const [top, bottom, left, right] = typeof padding === 'number' ? Array(4).fill(padding) : padding;
      const plain = (x: tf.Tensor4D) =>
        tf.add(
          tf.conv2d(x, filter, stride, [
            [0, 0],
            [top, bottom],
            [left, right],
            [0, 0],
          ]),
          bias,
        ) as tf.Tensor4D;
      const x = random([2, height, width, 3], 2) as tf.Tensor4D;
      const y = tf.tidy(() => plain(x));
      const dy = random(y.shape, 3) as tf.Tensor4D;
      const own = tf.valueAndGrad((x: tf.Tensor4D) => tf.sum(tf.mul(conv.apply(x), dy)))(x);
      const truth = tf.grad((x: tf.Tensor) => tf.sum(tf.mul(plain(x as tf.Tensor4D), dy)))(x);
      const value = conv.apply(x);
      const transposed = tf.valueAndGrad((dy: tf.Tensor4D) =>
        tf.sum(tf.mul(conv.applyTransposed(dy, height, width), x)),
      )(dy);
      const withBias = tf.tidy(() => tf.add(transposed.grad, bias));
      expect(await maxRelative(value, y)).toBeLessThan(1e-5);
      expect(await maxRelative(own.grad, truth)).toBeLessThan(1e-5);
      expect(await maxRelative(withBias, y)).toBeLessThan(1e-5);
      tf.dispose([filter, oihw, x, y, dy, own, truth, value, transposed, withBias]);
      conv[Symbol.dispose]();
    });
  }

  it.each<[string, () => Disposable]>([
    ['a convolution', () => new FrozenConv(weight, { stride: 2, bias: new Float32Array(5) })],
    ['a filter', () => new FirFilter([1, 3, 3, 1], 2)],
    ['a filter of any factor', () => new PolyphaseFilter({ shape: [4], data: [1, 3, 3, 1] }, 2, 2)],
  ])('%s that cannot be made, for want of memory, leaves nothing behind', (_, make) => {
    const before = tf.memory().numTensors;
    const tfBackend = tf.backend();
    const { write } = tfBackend;
    const makeWith = (tensors: number) => {
      let left = tensors;
      tfBackend.write = (...args) => {
        if (left-- === 0) throw new Error('no room');
        return write.apply(tfBackend, args);
      };
      try {
        make()[Symbol.dispose]();
        return true;
      } catch (error) {
        expect(error).toEqual(new Error('no room'));
        return false;
      } finally {
        tfBackend.write = write;
        expect(tf.memory().numTensors, `with room for ${tensors}`).toBe(before);
      }
    };
    let enough = 0;
    while (!makeWith(enough)) enough++;
    expect(enough).toBeGreaterThan(2);
  });

  it('applies bias and ReLU, and has no gradient where the ReLU is 0', async () => {
    const conv = new FrozenConv(
      { shape: [1, 1, 1, 1], data: Float32Array.of(2) },
      { bias: Float32Array.of(-1), relu: true },
    );
    const x = tf.tensor4d([0, 1, -1, 3], [1, 2, 2, 1]);
    const { value, grad } = tf.valueAndGrad((x: tf.Tensor4D) => tf.sum(conv.apply(x)))(x);
    expect([...(await grad.data())]).toEqual([0, 2, 0, 2]);
    expect([...(await value.data())]).toEqual([6]);
    tf.dispose([x, value, grad]);
    conv[Symbol.dispose]();
  });

  it('still works after the kernel that it was created with is unregistered', async () => {
    const kernelFunc = () => {
      throw new Error('not used');
    };
    tf.registerKernel({ kernelName: frozenConvName, backendName: backend, kernelFunc });
    const conv = new FrozenConv({ shape: [1, 1, 1, 1], data: Float32Array.of(2) });
    tf.unregisterKernel(frozenConvName, backend);
    const y = tf.ones([1, 1, 2, 1]) as tf.Tensor4D;
    const x = conv.applyTransposed(y, 1, 2);
    expect([...(await x.data())]).toEqual([2, 2]);
    tf.dispose([x, y]);
    conv[Symbol.dispose]();
  });

  it('FirFilter resamples as upfirdn2d does, and its gradients are the adjoints', async () => {
    const taps = [1, 2, 3, 4];
    const fir = new FirFilter(taps, 2);
    const x = tf.tensor4d([1, 10, 0, 0, 0, 0, 0, 0], [1, 2, 2, 2]);
    // One bright pixel at (0, 0). The filter is flipped, so the response is the taps from the second on, times the second
    // tap for the column.
    const up = fir.upsample(x);
    const column = tf.tidy(() => tf.slice(up, [0, 0, 0, 0], [1, 4, 1, 1]));
    expect(up.shape).toEqual([1, 4, 4, 2]);
    expect([...(await column.data())]).toEqual([4, 6, 8, 0]);
    const image = random([2, 6, 8, 2], 4) as tf.Tensor4D;
    const small = random([2, 3, 4, 2], 5) as tf.Tensor4D;
    // <A x, y> = <x, A' y>
    for (const [f, a, b] of [
      [(v: tf.Tensor4D) => fir.downsample(v), image, small],
      [(v: tf.Tensor4D) => fir.upsample(v), small, image],
    ] as const) {
      const [left, right] = tf.tidy(() => {
        const adjoint = tf.grad((v: tf.Tensor) => tf.sum(tf.mul(f(v as tf.Tensor4D), b)))(a);
        return [tf.sum(tf.mul(f(a), b)), tf.sum(tf.mul(a, adjoint))];
      }) as [tf.Tensor, tf.Tensor];
      expect(await maxRelative(left, right)).toBeLessThan(1e-5);
      tf.dispose([left, right]);
    }
    tf.dispose([x, up, column, image, small]);
    fir[Symbol.dispose]();
  });
});

it.each([
  ['cpu', 'wasm'],
  ['wasm', 'cpu'],
])('a convolution that was made on %s gives the same on %s', async (made, used) => {
  await tf.setBackend(made);
  using conv = new FrozenConv(weight, { padding: 1 });
  const x = random([1, 6, 7, 3], 2) as tf.Tensor4D;
  const dy = random([1, 6, 7, 5], 3) as tf.Tensor4D;
  const run = () => tf.tidy(() => [conv.apply(x), conv.backward(dy, 6, 7)]);
  const there = run();
  const expected = there.map((each) => Float32Array.from(each.dataSync()));
  await tf.setBackend(used);
  const here = run();
  for (const [i, each] of here.entries()) {
    const differences = [...each.dataSync()].map((value, k) => Math.abs(value - expected[i]![k]!));
    expect(Math.max(...differences)).toBeLessThan(1e-5);
  }
  tf.dispose([x, dy, there, here]);
});
