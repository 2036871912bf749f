import type * as tf from '@tensorflow/tfjs-core';
import { type Rows, rowsOf, runLoop, skip, wasmKernel } from './kernel';
import type { Loop } from './loop';
import { add, multiply } from './values';

const scale: Loop<'x' | 'factor'> = {
  operands: { x: 'image', factor: 'number' },
  value: ({ x, factor }) => multiply(x, factor),
};
const scaleAdd: Loop<'x' | 'factor' | 'addend'> = {
  operands: { ...scale.operands, addend: 'image' },
  value: ({ addend, ...own }) => add(scale.value(own), addend),
};
const addFour: Loop<'a' | 'b' | 'c' | 'd' | 'factor'> = {
  operands: { a: 'image', b: 'image', c: 'image', d: 'image', factor: 'number' },
  value: ({ a, b, c, d, factor }) => multiply(add(add(a, b), add(c, d)), factor),
};

interface Attributes {
  readonly factor: number;
}

/** Every other pixel. */
const alternate = ({ address, step }: Rows): Rows => ({ address, step: 2 * step });

/** `faceanim/SumBy2` and `faceanim/RepeatBy2`, row by row. Heights are even, so rows count on over all images. */
export const resample2Kernels: readonly tf.KernelConfig[] = [
  wasmKernel<'x', Attributes>('faceanim/SumBy2', (backend, { x }, { factor }) => {
    const [n, height, width, channels] = x.shape as [number, number, number, number];
    const output = backend.makeOutput([n, height / 2, width / 2, channels], 'float32');
    const [large, small] = [rowsOf(backend, x), rowsOf(backend, output)];
    const line = width * channels;
    for (let row = 0; row < (n * height) / 2; row++) {
      const at = (floats: number) => alternate(skip(large, 2 * row * line + floats));
      runLoop(backend, addFour, { pixels: width / 2, channels }, skip(small, (row * line) / 2), {
        a: at(0),
        b: at(channels),
        c: at(line),
        d: at(line + channels),
        factor,
      });
    }
    return output;
  }),
  wasmKernel<'x' | 'addend', Attributes>('faceanim/RepeatBy2', (backend, { x, addend }, { factor }) => {
    const [n, height, width, channels] = x.shape as [number, number, number, number];
    const output = backend.makeOutput([n, 2 * height, 2 * width, channels], 'float32');
    const small = rowsOf(backend, x);
    const [large, added] = [rowsOf(backend, output), addend && rowsOf(backend, addend)];
    const line = 2 * width * channels;
    for (let row = 0; row < 2 * n * height; row++) {
      const from = skip(small, (Math.floor(row / 2) * line) / 2);
      for (const column of [0, 1]) {
        const at = (rows: Rows) => alternate(skip(rows, row * line + column * channels));
        const extent = { pixels: width, channels };
        if (added) runLoop(backend, scaleAdd, extent, at(large), { x: from, factor, addend: at(added) });
        else runLoop(backend, scale, extent, at(large), { x: from, factor });
      }
    }
    return output;
  }),
];
