import type * as tf from '@tensorflow/tfjs-core';
import { floatsOfPart, loopCall, type Rows, rowsOf, skip, wasmKernel } from './kernel';
import type { Loop } from './loop';
import { type Call, type Part, runParts } from './run';
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

/** Parts of a few rows each, with the calls for each row. */
function partsOf(rows: number, step: number, callsOf: (row: number) => readonly Call[]): Part[] {
  return Array.from({ length: Math.ceil(rows / step) }, (_, part) => {
    const size = Math.min(step, rows - part * step);
    return Array.from({ length: size }, (_, row) => callsOf(part * step + row)).flat();
  });
}

/** `faceanim/SumBy2` and `faceanim/RepeatBy2`, row by row. Heights are even, so rows count on over all images. */
export const resample2Kernels: readonly tf.KernelConfig[] = [
  wasmKernel<'x', Attributes>('faceanim/SumBy2', (backend, { x }, { factor }) => {
    const [n, height, width, channels] = x.shape as [number, number, number, number];
    const output = backend.makeOutput([n, height / 2, width / 2, channels], 'float32');
    const [large, small] = [rowsOf(backend, x), rowsOf(backend, output)];
    const line = width * channels;
    const extent = { pixels: width / 2, channels };
    const rowsOfPart = Math.ceil(floatsOfPart / (2 * line));
    const parts = partsOf((n * height) / 2, rowsOfPart, (row) => {
      const at = (floats: number) => alternate(skip(large, 2 * row * line + floats));
      const operands = { a: at(0), b: at(channels), c: at(line), d: at(line + channels), factor };
      return [loopCall(addFour, extent, skip(small, (row * line) / 2), operands)];
    });
    runParts(backend, parts);
    return output;
  }),
  wasmKernel<'x' | 'addend', Attributes>('faceanim/RepeatBy2', (backend, { x, addend }, { factor }) => {
    const [n, height, width, channels] = x.shape as [number, number, number, number];
    const output = backend.makeOutput([n, 2 * height, 2 * width, channels], 'float32');
    const small = rowsOf(backend, x);
    const [large, added] = [rowsOf(backend, output), addend && rowsOf(backend, addend)];
    const line = 2 * width * channels;
    const extent = { pixels: width, channels };
    const parts = partsOf(2 * n * height, Math.ceil(floatsOfPart / line), (row) => {
      const x = skip(small, (Math.floor(row / 2) * line) / 2);
      return [0, 1].map((column) => {
        const at = (rows: Rows) => alternate(skip(rows, row * line + column * channels));
        return added
          ? loopCall(scaleAdd, extent, at(large), { x, factor, addend: at(added) })
          : loopCall(scale, extent, at(large), { x, factor });
      });
    });
    runParts(backend, parts);
    return output;
  }),
];
