import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { asImageTensor } from '../src/images/image-tensor';
import { fitTo, resize } from '../src/images/resize';
import { maxPool } from '../src/ops/max-pool';
import { minMaxNormalize } from '../src/ops/min-max';
import { eachBackend } from './support/backends';
import { maxRelative, relativeL2 } from './support/compare';
import { Fixture, toNchw } from './support/fixtures';
import { listFixtures, missingShared } from './support/shared';

const [path] = listFixtures('ops', /^ops\.safetensors$/);

describe.skipIf(!path)(path ? 'tensor operations of the original' : missingShared, () => {
  if (!path) {
    // Vitest runs the body of a skipped suite too.
    it('needs its fixture', () => {});
    return;
  }
  eachBackend(() => {
    const fixture = new Fixture(path);

    for (const [name, size, mode] of [
      ['area32', 32, 'area'],
      ['area12', 12, 'area'],
      ['nearest32', 32, 'nearest'],
      ['nearest12', 12, 'nearest'],
      ['nearest192', 192, 'nearest'],
    ] as const) {
      it(`resize ${name}`, async () => {
        const x = fixture.image('resize.in48');
        const y = tf.tidy(() => {
          const resized = resize(x, [size, size], mode);
          // The fixture keeps every third pixel of the enlarged image.
          const sub =
            size === 192 ? tf.stridedSlice(resized, [0, 0, 0, 0], resized.shape, [1, 3, 3, 1]) : resized;
          return toNchw(sub as tf.Tensor4D);
        });
        expect(await maxRelative(y, fixture.data(`resize.${name}`))).toBeLessThan(1e-6);
        tf.dispose([x, y]);
      });
    }

    it('min-max normalisation and its gradient, with ties from nearest upsampling', async () => {
      const x = fixture.image('minmax.in');
      const probe = fixture.image('minmax.probe');
      const normalized = (x: tf.Tensor4D) => minMaxNormalize(resize(x, [64, 64], 'nearest'));
      const y = tf.tidy(() => toNchw(normalized(x)));
      const grad = tf.tidy(() =>
        toNchw(
          tf.grad((x: tf.Tensor) => tf.sum(tf.mul(normalized(x as tf.Tensor4D), probe)))(x) as tf.Tensor4D,
        ),
      );
      expect(await maxRelative(y, fixture.data('minmax.out'))).toBeLessThan(1e-6);
      expect(await relativeL2(grad, fixture.data('minmax.grad'))).toBeLessThan(1e-5);
      tf.dispose([x, probe, y, grad]);
    });

    it('max pooling gives the gradient of a tie to the first maximum', async () => {
      const x = tf.ones<tf.Rank.R4>([1, 4, 4, 1]);
      const grad = tf.grad((x: tf.Tensor) => tf.sum(maxPool(x as tf.Tensor4D, { size: 2, stride: 2 })))(x);
      expect([...(await grad.data())]).toEqual([...fixture.data('maxpool.tie_grad')]);
      tf.dispose([x, grad]);
    });
  });
});

it('max pooling refuses what has no window, such as an image that a network has shrunk to a pixel', () => {
  const x = tf.ones<tf.Rank.R4>([1, 4, 1, 1]);
  expect(() => maxPool(x, { size: 3, stride: 2, ceil: true })).toThrow(/too small for this network: 1x4/);
  x.dispose();
});

eachBackend((backend) => {
  // tfjs' own gradient on the plain backend is the reference, since it breaks ties as PyTorch does.
  for (const [size, stride, ceil, height, width] of [
    [3, 2, false, 9, 8],
    [3, 2, true, 8, 7],
    [3, 2, true, 10, 11],
    [2, 2, false, 6, 7],
    [3, 1, false, 5, 5],
  ] as const) {
    it(`max pooling ${size}/${stride}${ceil ? ', rounded up,' : ''} of ${height}x${width}, with ties`, async () => {
      const x = tf.tidy(() =>
        tf.relu(tf.round(tf.randomNormal<tf.Rank.R4>([2, height, width, 3], 0, 1, 'float32', 1))),
      );
      const pad = (length: number) =>
        ceil ? Math.max(0, Math.ceil((length - size) / stride) * stride + size - length) : 0;
      const truth = (x: tf.Tensor4D) =>
        tf.maxPool(x, size, stride, [
          [0, 0],
          [0, pad(height)],
          [0, pad(width)],
          [0, 0],
        ]);
      const y = truth(x);
      const dy = tf.randomNormal<tf.Rank.R4>(y.shape, 0, 1, 'float32', 2);
      const own = maxPool(x, { size, stride, ceil });
      const grad = tf.grad((x: tf.Tensor) =>
        tf.sum(tf.mul(maxPool(x as tf.Tensor4D, { size, stride, ceil }), dy)),
      )(x);
      expect(await maxRelative(own, y)).toBe(0);
      await tf.setBackend('cpu');
      const expected = tf.grad((x: tf.Tensor) => tf.sum(tf.mul(truth(x as tf.Tensor4D), dy)))(x);
      expect(await maxRelative(grad, expected)).toBeLessThan(1e-6);
      await tf.setBackend(backend);
      tf.dispose([x, y, dy, own, grad, expected]);
    });
  }

  it('min-max normalisation turns a constant image into zeros', async () => {
    const x = tf.fill([1, 4, 4, 3], 0.3) as tf.Tensor4D;
    const { value, grad } = tf.valueAndGrad((x: tf.Tensor4D) => tf.sum(minMaxNormalize(x)))(x);
    expect([...(await value.data())]).toEqual([0]);
    expect([...(await grad.data())].every(Number.isFinite)).toBe(true);
    tf.dispose([x, value, grad]);
  });

  it('resizing by area handles batches and has a gradient', async () => {
    const x = tf.tensor4d([1, 3, 5, 7, 10, 30, 50, 70], [2, 2, 2, 1]);
    const y = resize(x, [1, 1], 'area');
    const grad = tf.grad((x: tf.Tensor) => tf.sum(resize(x as tf.Tensor4D, [1, 1], 'area')))(x);
    expect([...(await y.data())]).toEqual([4, 40]);
    expect([...(await grad.data())]).toEqual(Array(8).fill(0.25));
    tf.dispose([x, y, grad]);
  });

  it('fitTo enlarges bilinearly with half-pixel centres, and has the gradient of that', async () => {
    const x = tf.tensor4d([0, 3, 6, 12, 15, 18], [1, 1, 2, 3]);
    const fitted = (x: tf.Tensor) => fitTo(asImageTensor(x, 'signed'), 4);
    const y = fitted(x);
    const probe = tf.tensor4d([1, 2, 4, 8], [1, 1, 4, 1]);
    const grad = tf.grad((x: tf.Tensor) => tf.sum(tf.mul(fitted(x), probe)))(x);
    const red = (await y.data()).filter((_, i) => i % 3 === 0);
    expect([...red]).toEqual(Array(4).fill([0, 3, 9, 12]).flat());
    // Columns weigh the two pixels with 1, 0.75, 0.25 and 0; all four rows are the same.
    expect([...(await grad.data())]).toEqual([14, 14, 14, 46, 46, 46]);
    tf.dispose([x, y, probe, grad]);
  });

  it('bilinear resampling equals that of tfjs, up and down', async () => {
    const x = tf.randomNormal<tf.Rank.R4>([2, 5, 7, 3], 0, 1, 'float32', 4);
    for (const size of [
      [12, 9],
      [3, 20],
    ] as const) {
      const own = resize(x, size, 'bilinear');
      const theirs = tf.image.resizeBilinear(x, [...size], false, true);
      expect(await maxRelative(own, theirs)).toBeLessThan(1e-5);
      tf.dispose([own, theirs]);
    }
    x.dispose();
  });
});
