import type * as tf from '@tensorflow/tfjs-core';

type Values = tf.Tensor | ArrayLike<number>;

async function read(values: Values): Promise<ArrayLike<number>> {
  return 'dataSync' in values ? await values.data() : values;
}

async function pair(a: Values, b: Values): Promise<[ArrayLike<number>, ArrayLike<number>]> {
  const [x, y] = [await read(a), await read(b)];
  if (x.length !== y.length) throw new Error(`${x.length} values against ${y.length}`);
  return [x, y];
}

/** max|a - b| / max|b|, where b is the reference; NaN counts as infinite. */
export async function maxRelative(a: Values, b: Values): Promise<number> {
  const [x, y] = await pair(a, b);
  let difference = 0;
  let size = 0;
  for (let i = 0; i < y.length; i++) {
    const d = Math.abs(x[i]! - y[i]!);
    difference = Math.max(difference, Number.isNaN(d) ? Infinity : d);
    size = Math.max(size, Math.abs(y[i]!));
  }
  return difference === 0 ? 0 : difference / size;
}

/** ‖a - b‖ / ‖b‖, where b is the reference. */
export async function relativeL2(a: Values, b: Values): Promise<number> {
  const [x, y] = await pair(a, b);
  let difference = 0;
  let size = 0;
  for (let i = 0; i < y.length; i++) {
    difference += (x[i]! - y[i]!) ** 2;
    size += y[i]! ** 2;
  }
  return difference === 0 ? 0 : Math.sqrt(difference / size);
}
