import type * as tf from '@tensorflow/tfjs-core';
import { mapPixels, wasmKernel } from './kernel';
import type { Loop } from './loop';
import { sumImages } from './sums';
import { add, constant, multiply, square, subtract } from './values';

const squares: Loop<'a' | 'b' | 'weights'> = {
  operands: { a: 'image', b: 'image', weights: 'channels' },
  value: ({ a, b, weights }) => multiply(weights, square(subtract(a, b))),
  sums: 'pixels',
};
const gradient: Loop<'dy' | 'a' | 'b' | 'weights'> = {
  operands: { dy: 'number', a: 'image', b: 'image', weights: 'channels' },
  value: ({ dy, a, b, weights }) => multiply(subtract(a, b), multiply(weights, multiply(dy, constant(2)))),
};
const gradientAdd: Loop<'dy' | 'a' | 'b' | 'weights' | 'addend'> = {
  operands: { ...gradient.operands, addend: 'image' },
  value: ({ addend, ...own }) => add(gradient.value(own), addend),
};

/** `faceanim/WeightedSquareDistance` and its gradient. */
export const weightedSquareDistanceKernels: readonly tf.KernelConfig[] = [
  wasmKernel<'a' | 'b' | 'weights'>('faceanim/WeightedSquareDistance', (backend, inputs) =>
    sumImages(backend, squares, inputs.a.shape, inputs),
  ),
  wasmKernel<'dy' | 'a' | 'b' | 'weights' | 'addend'>(
    'faceanim/WeightedSquareDistanceGradient',
    (backend, { addend, ...inputs }) =>
      addend
        ? mapPixels(backend, gradientAdd, inputs.a.shape, { ...inputs, addend })
        : mapPixels(backend, gradient, inputs.a.shape, inputs),
  ),
];
