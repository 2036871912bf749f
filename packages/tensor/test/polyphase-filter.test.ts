import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { PolyphaseFilter } from '../src/ops/polyphase-filter';
import { eachBackend } from './support/backends';
import { maxRelative } from './support/compare';

/** Taps without any symmetry, to detect a flipped or shifted kernel. */
const kernels = {
  'a separable kernel': { shape: [5], data: [0.1, 0.5, -0.2, 0.4, 0.3] },
  'a two-dimensional kernel': { shape: [4, 3], data: [...Array(12).keys()].map((i) => Math.sin(i * i + 1)) },
  'a kernel of one tap': { shape: [1], data: [0.7] },
};

/** Factor, offset and the sizes of both images; some offsets skip pixels. */
const cases = [
  { factor: 1, before: 2, size: 6 },
  { factor: 2, before: 0, size: 4 },
  { factor: 2, before: -1, size: 3 },
  { factor: 2, before: 3, size: 6 },
  { factor: 3, before: 4, size: 2 },
  { factor: 4, before: 6, size: 3 },
];
const large = 8;
const channels = 2;

describe('PolyphaseFilter', () => {
  eachBackend(() => {
    for (const [name, taps] of Object.entries(kernels)) {
      for (const { factor, before, size } of cases) {
        it(`${name}, factor ${factor}, ${before} before, ${large} to ${size} and back`, async () => {
          using filter = new PolyphaseFilter(taps, channels, factor);
          const x = tf.randomNormal<tf.Rank.R4>([2, large, large, channels], 0, 1, 'float32', 1);
          const y = tf.randomNormal<tf.Rank.R4>([2, size, size, channels], 0, 1, 'float32', 2);
          const down = tf.valueAndGrad((x: tf.Tensor) =>
            tf.sum(tf.mul(filter.downsample(x as tf.Tensor4D, size, before), y)),
          )(x);
          const up = tf.valueAndGrad((y: tf.Tensor) =>
            tf.sum(tf.mul(filter.upsample(y as tf.Tensor4D, large, before), x)),
          )(y);
          // <down(x), y> is linear in both, so its gradients are up(y) and down(x), as are those of <up(y), x>.
          const place = (i: number, j: number) => i - j * factor + before;
          const expectedUp = resample(await y.data(), size, large, (i, j, k, l) =>
            tapAt(taps, place(i, k), place(j, l)),
          );
          const expectedDown = resample(await x.data(), large, size, (i, j, k, l) =>
            tapAt(taps, place(k, i), place(l, j)),
          );
          expect(await maxRelative(down.grad, expectedUp)).toBeLessThan(1e-5);
          expect(await maxRelative(up.grad, expectedDown)).toBeLessThan(1e-5);
          const [a] = await down.value.data();
          expect(await maxRelative(up.value, [a!])).toBeLessThan(1e-4);
          tf.dispose([x, y, down.value, down.grad, up.value, up.grad]);
        });
      }
    }
  });
});

/** The tap in a row and a column, 0 outside. */
function tapAt({ shape, data }: { shape: number[]; data: number[] }, row: number, column: number): number {
  const width = shape[1] ?? shape[0]!;
  if (row < 0 || row >= shape[0]! || column < 0 || column >= width) return 0;
  return shape.length === 1 ? data[row]! * data[column]! : data[row * width + column]!;
}

/** Images `[2, from, from, channels]` to `[2, to, to, channels]`, every pixel the weighted sum of all. */
function resample(
  x: ArrayLike<number>,
  from: number,
  to: number,
  weight: (row: number, column: number, fromRow: number, fromColumn: number) => number,
): number[] {
  const sums: number[] = [];
  for (let n = 0; n < 2; n++)
    for (let i = 0; i < to; i++)
      for (let j = 0; j < to; j++)
        for (let c = 0; c < channels; c++) {
          let sum = 0;
          for (let k = 0; k < from; k++)
            for (let l = 0; l < from; l++)
              sum += weight(i, j, k, l) * x[((n * from + k) * from + l) * channels + c]!;
          sums.push(sum);
        }
  return sums;
}
