import type * as tf from '@tensorflow/tfjs-core';
import { copyOf, zeros } from './buffers';
import { addImages } from './channels';
import { type Extent, mapPixels, type Rows, rowsOf, runLoop, skip, wasmKernel } from './kernel';
import type { Loop } from './loop';
import { add, greatest, whereAbove, zero } from './values';

const largest: Loop<'x' | 'y'> = {
  operands: { x: 'image', y: 'image' },
  value: ({ x, y }) => greatest(x, y),
};
/** Adds the gradient of the windows whose maximum a tap is. No tap is above the maximum. */
const take: Loop<'dx' | 'x' | 'y' | 'rest'> = {
  operands: { dx: 'image', x: 'image', y: 'image', rest: 'image' },
  value: ({ dx, x, y, rest }) => add(dx, whereAbove(y, x, zero, rest)),
};
/** What is left for later taps. */
const leave: Loop<'x' | 'y' | 'rest'> = {
  operands: { x: 'image', y: 'image', rest: 'image' },
  value: ({ x, y, rest }) => whereAbove(y, x, rest, zero),
};

interface Window {
  readonly size: number;
  readonly stride: number;
}

/**
 * Calls back with each tap of the windows of a row, in row-major order: functions that find the row among the pixels of the
 * windows, and its taps among the pixels of the image.
 */
function forEachTap(
  [n, height, width, channels]: readonly number[],
  [windowRows, windowColumns]: readonly [number, number],
  { size, stride }: Window,
  run: (extent: Extent, ofWindows: (rows: Rows) => Rows, ofTaps: (rows: Rows) => Rows) => void,
): void {
  for (let row = 0; row < n! * windowRows; row++) {
    const image = Math.floor(row / windowRows);
    const top = (row % windowRows) * stride;
    const ofWindows = (rows: Rows) => skip(rows, row * windowColumns * channels!);
    for (let p = top; p < Math.min(top + size, height!); p++) {
      for (let q = 0; q < size; q++) {
        const pixels = Math.min(windowColumns, Math.ceil((width! - q) / stride));
        const first = ((image * height! + p) * width! + q) * channels!;
        const ofTaps = (rows: Rows) => ({ ...skip(rows, first), step: stride * channels! });
        if (pixels > 0) run({ pixels, channels: channels! }, ofWindows, ofTaps);
      }
    }
  }
}

/** `faceanim/MaxPool` of non-negative values, and its gradient, which goes to the first maximum of a window. */
export const maxPoolKernels: readonly tf.KernelConfig[] = [
  wasmKernel<'x', Window & { windows: [number, number] }>(
    'faceanim/MaxPool',
    (backend, inputs, { windows, ...window }) => {
      const { shape } = inputs.x;
      const output = zeros(backend, [shape[0]!, ...windows, shape[3]!]);
      const [x, y] = [rowsOf(backend, inputs.x), rowsOf(backend, output)];
      forEachTap(shape, windows, window, (extent, ofWindows, ofTaps) =>
        runLoop(backend, largest, extent, ofWindows(y), { x: ofTaps(x), y: ofWindows(y) }),
      );
      return output;
    },
  ),
  wasmKernel<'dy' | 'x' | 'y' | 'addend', Window>(
    'faceanim/MaxPoolGradient',
    (backend, { addend, dy, ...inputs }, window) => {
      const { shape } = inputs.x;
      const [, rows, columns] = dy.shape as [number, number, number];
      const output = zeros(backend, shape);
      const left = copyOf(backend, dy);
      const [x, y] = [rowsOf(backend, inputs.x), rowsOf(backend, inputs.y)];
      const [dx, rest] = [rowsOf(backend, output), rowsOf(backend, left)];
      forEachTap(shape, [rows, columns], window, (extent, ofWindows, ofTaps) => {
        const operands = { x: ofTaps(x), y: ofWindows(y), rest: ofWindows(rest) };
        runLoop(backend, take, extent, ofTaps(dx), { ...operands, dx: ofTaps(dx) });
        runLoop(backend, leave, extent, ofWindows(rest), operands);
      });
      backend.disposeData(left.dataId);
      if (!addend) return output;
      const sum = mapPixels(backend, addImages, shape, { x: output, addend });
      backend.disposeData(output.dataId);
      return sum;
    },
  ),
];
