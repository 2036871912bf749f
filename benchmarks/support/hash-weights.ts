import type { HostTensor } from '@faceanim/tensor';

/** A uniform distribution around `mean` (default 0) with this standard deviation. */
export interface Spread {
  readonly deviation: number;
  readonly mean?: number;
}

/**
 * A tensor whose values are hashes of its name and their index (FNV-1a of the name, then one round of mixing for each
 * index), so that a program in another language computes the same values.
 */
export function hashTensor(
  name: string,
  shape: readonly number[],
  { deviation, mean = 0 }: Spread,
): HostTensor {
  let seed = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(name)) seed = Math.imul(seed ^ byte, 0x01000193);
  const range = 2 * Math.sqrt(3) * deviation;
  const data = new Float32Array(shape.reduce((product, size) => product * size, 1));
  for (let i = 0; i < data.length; i++) {
    let x = Math.imul(i, 0x9e3779b1) + seed;
    x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
    x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
    data[i] = ((x ^ (x >>> 16)) >>> 0) * (range / 2 ** 32) + (mean - range / 2);
  }
  return { shape, data };
}

/** Reorders the axes of a tensor, as `numpy.transpose` does. */
export function permute({ shape, data }: HostTensor, order: readonly number[]): HostTensor {
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, size) => product * size, 1));
  const newShape = order.map((axis) => shape[axis]!);
  const newStrides = order.map((axis) => strides[axis]!);
  const result = new Float32Array(data.length);
  let to = 0;
  const copy = (axis: number, from: number) => {
    const [size, stride] = [newShape[axis]!, newStrides[axis]!];
    for (let i = 0; i < size; i++) {
      if (axis === order.length - 1) result[to++] = data[from + i * stride]!;
      else copy(axis + 1, from + i * stride);
    }
  };
  copy(0, 0);
  return { shape: newShape, data: result };
}

/** A tensor filled with one value. */
export function constant(value: number, shape: readonly number[]): HostTensor {
  return { shape, data: new Float32Array(shape.reduce((product, size) => product * size, 1)).fill(value) };
}
