import type * as tf from '@tensorflow/tfjs-core';
import { copyOf, zeros } from './buffers';
import { channelsOf, mapPixels, type Rows, rowsOf, runLoop, skip, wasmKernel } from './kernel';
import type { Loop } from './loop';
import type { WasmTfBackend } from './run';
import { add, constant, divide, multiply, square, squareRoot } from './values';

/** The rows of a matrix are its pixels, and its columns are the channels. */
const product: Loop<'x' | 'matrix'> = {
  operands: { x: 'pixels', matrix: 'image' },
  value: ({ x, matrix }) => multiply(x, matrix),
  sums: 'pixels',
};
const productWithTranspose: Loop<'dy' | 'matrix'> = {
  operands: { dy: 'channels', matrix: 'image' },
  value: ({ dy, matrix }) => multiply(dy, matrix),
  sums: 'channels',
};
const variance: Loop<'style' | 'energy'> = {
  operands: { style: 'pixels', energy: 'image' },
  value: ({ style, energy }) => multiply(square(style), energy),
  sums: 'pixels',
};
const factor: Loop<'variance' | 'gain'> = {
  operands: { variance: 'image', gain: 'number' },
  value: ({ variance, gain }) => divide(gain, squareRoot(add(variance, constant(1e-8)))),
};
/** The derivative of a factor in its variance is -factor³ / (2 gain²). */
const slope: Loop<'dy' | 'factors' | 'gain'> = {
  operands: { dy: 'image', factors: 'image', gain: 'number' },
  value: ({ dy, factors, gain }) =>
    multiply(multiply(dy, factors), divide(square(factors), multiply(constant(-1), square(gain)))),
};
const styleGradient: Loop<'slope' | 'style' | 'energy'> = {
  operands: { slope: 'channels', style: 'pixels', energy: 'image' },
  value: ({ slope, style, energy }) => multiply(multiply(slope, style), energy),
  sums: 'channels',
};

/** Adds what a loop over a matrix makes of each row of its other operands to the same row of `sums` `[N, ...]`. */
function addProducts<Name extends string>(
  backend: WasmTfBackend,
  loop: Loop<Name>,
  sums: tf.TensorInfo,
  operands: Readonly<Record<Name, tf.TensorInfo>>,
): tf.TensorInfo {
  const names = Object.keys(loop.operands) as Name[];
  const matrix = operands[names.find((name) => loop.operands[name] === 'image')!];
  const [pixels, channels] = matrix.shape as [number, number];
  const row = (tensor: tf.TensorInfo, n: number) => skip(rowsOf(backend, tensor), n * channelsOf(tensor));
  for (let n = 0; n < sums.shape[0]!; n++) {
    const values = {} as Record<Name, Rows>;
    for (const name of names) values[name] = row(operands[name], operands[name] === matrix ? 0 : n);
    runLoop(backend, loop, { pixels, channels }, { ...row(sums, n), step: 1 }, values);
  }
  return sums;
}

/** Products of few vectors with a matrix. They are too small for the threads of a matrix product. */
export const denseKernels: readonly tf.KernelConfig[] = [
  wasmKernel<'x' | 'matrix' | 'bias'>('faceanim/Dense', (backend, { x, matrix, bias }) => {
    const biases = copyOf(backend, bias, [x.shape[0]!, channelsOf(bias)]);
    return addProducts(backend, product, biases, { x, matrix });
  }),
  wasmKernel<'dy' | 'matrix' | 'addend'>('faceanim/DenseGradient', (backend, { dy, matrix, addend }) => {
    const sums = addend ? copyOf(backend, addend) : zeros(backend, [dy.shape[0]!, matrix.shape[0]!]);
    return addProducts(backend, productWithTranspose, sums, { dy, matrix });
  }),
  wasmKernel<'style' | 'energy', { gain: number }>(
    'faceanim/Demodulation',
    (backend, { style, energy }, { gain }) => {
      const shape = [style.shape[0]!, channelsOf(energy)];
      const sums = addProducts(backend, variance, zeros(backend, shape), { style, energy });
      const factors = mapPixels(backend, factor, shape, { variance: sums, gain });
      backend.disposeData(sums.dataId);
      return factors;
    },
  ),
  wasmKernel<'dy' | 'style' | 'energy' | 'factors' | 'addend', { gain: number }>(
    'faceanim/DemodulationGradient',
    (backend, { dy, style, energy, factors, addend }, { gain }) => {
      const slopes = mapPixels(backend, slope, dy.shape, { dy, factors, gain });
      const sums = addend ? copyOf(backend, addend) : zeros(backend, style.shape);
      addProducts(backend, styleGradient, sums, { slope: slopes, style, energy });
      backend.disposeData(slopes.dataId);
      return sums;
    },
  ),
];
