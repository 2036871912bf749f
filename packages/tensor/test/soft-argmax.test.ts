import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { softArgmax } from '../src/ops/soft-argmax';
import { checkGradient } from '../src/testing';
import { eachBackend } from './support/backends';

const size = 64;

/** Heat maps `[1, 64, 64, points]` with one Gaussian each, as a FAN predicts them: sigma 1.25 cells. */
function drawn(peaks: readonly { x: number; y: number; height: number }[]): tf.Tensor4D {
  const cells = Float32Array.from({ length: size * size * peaks.length }, (_, i) => {
    const { x, y, height } = peaks[i % peaks.length]!;
    const cell = Math.floor(i / peaks.length);
    const square = ((cell % size) - x) ** 2 + (Math.floor(cell / size) - y) ** 2;
    return height * Math.exp(-square / (2 * 1.25 ** 2));
  });
  return tf.tensor4d(cells, [1, size, size, peaks.length]);
}

async function read(maps: tf.Tensor4D): Promise<number[][]> {
  const found = tf.tidy(() => softArgmax(maps, 15));
  const values = [...(await found.data())];
  tf.dispose([maps, found]);
  return Array.from({ length: values.length / 3 }, (_, i) => values.slice(3 * i, 3 * i + 3));
}

eachBackend(() => {
  it('finds peaks where they were drawn: in the middle, at the jaw, near edges, high and low', async () => {
    const places = [
      [31.5, 44.2],
      [8.3, 40.7],
      [55.1, 38],
      [4, 5.6],
      [60.4, 3.2],
      [20.25, 61],
    ] as const;
    const peaks = places.flatMap(([x, y]) => [0.05, 0.3, 0.6, 1].map((height) => ({ x, y, height })));
    for (const [i, [x, y, sure]] of (await read(drawn(peaks))).entries()) {
      const what = `the peak ${JSON.stringify(peaks[i])}, found at ${x}, ${y}`;
      // The weights of a peak of 1 are narrower than a cell, so its position between two cells is slightly off.
      expect(Math.hypot(x! - peaks[i]!.x, y! - peaks[i]!.y), what).toBeLessThan(0.25);
      expect(sure).toBeGreaterThan(0.99);
    }
  });

  it('follows a peak that moves along the very edge', async () => {
    const [a, b] = await read(drawn([10, 14.5].map((y) => ({ x: 0, y, height: 0.7 }))));
    expect(b![1]! - a![1]!).toBeCloseTo(4.5, 2);
    expect(a![0]).toBeLessThan(0.5);
  });

  it('finds peaks of any height', async () => {
    for (const [x, y] of await read(drawn([6, 40, 1000].map((height) => ({ x: 12.25, y: 50.5, height }))))) {
      expect(Math.hypot(x! - 12.25, y! - 50.5)).toBeLessThan(0.3);
    }
  });

  it('puts an empty map in the middle, with confidence 0', async () => {
    const maps = tf.tensor4d(
      Float32Array.from({ length: 2 * size * size }, (_, i) => (i % 2 ? 0 : -3)),
      [1, size, size, 2],
    );
    for (const found of await read(maps)) expect(found).toEqual([31.5, 31.5, 0]);
  });

  it('has the gradient of finite differences, which is 0 for an empty map', async () => {
    const peaks = [
      { x: 5, y: 5, height: 0.8 },
      { x: 40, y: 22.5, height: 6 },
    ];
    const maps = drawn(peaks);
    const at = (await maps.data()).slice() as Float32Array;
    const probe = tf.tensor3d([0.5, -1, 0, 2, 0.3, 0], [1, 2, 3]);
    const of = async (values: Float32Array) => {
      const f = (x: tf.Tensor) => tf.sum(tf.mul(softArgmax(tf.reshape(x, maps.shape), 15), probe));
      const { value, grad } = tf.tidy(() => tf.valueAndGrad(f)(tf.tensor1d(values)));
      const result = { value: (await value.data())[0]!, gradient: (await grad.data()) as Float32Array };
      tf.dispose([value, grad]);
      return result;
    };
    expect(
      (
        await checkGradient(
          of,
          at.map((x) => x + 0.02),
          { epsilon: 1e-4 },
        )
      ).relativeError,
    ).toBeLessThan(0.02);
    expect((await of(at.fill(0))).gradient.every((x) => x === 0)).toBe(true);
    expect((await of(at.fill(1e-9))).gradient.every(Number.isFinite)).toBe(true);
    tf.dispose([maps, probe]);
  });
});
