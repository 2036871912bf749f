import type * as tf from '@tensorflow/tfjs-core';
import { mapPixels, sizeOf, wasmKernel } from './kernel';
import type { Loop } from './loop';
import { sumChannels, sumImages } from './sums';
import { add, constant, divide, multiply, square, squareRoot, subtract, type Value } from './values';

const squaredLength: Loop<'x'> = {
  operands: { x: 'image' },
  value: ({ x }) => square(x),
  sums: 'channels',
};
const inverseLength: Loop<'squared' | 'epsilon'> = {
  operands: { squared: 'image', epsilon: 'number' },
  value: ({ squared, epsilon }) => divide(constant(1), add(squareRoot(squared), epsilon)),
};

const radialPart: Loop<'along' | 'squared' | 'inverse'> = {
  operands: { along: 'image', squared: 'image', inverse: 'image' },
  // (length + epsilon) / length. At length 0, any finite value will do.
  value: ({ along, squared, inverse }) =>
    divide(along, multiply(inverse, add(squareRoot(squared), constant(1e-20)))),
};

/** What the distance and its gradient read. */
const pixel = { x: 'image', inverse: 'pixels', target: 'image', weights: 'channels' } as const;
type Pixel = Readonly<Record<keyof typeof pixel, Value>>;

const unit = ({ x, inverse }: Pixel) => multiply(x, inverse);
/** Half the gradient in the unit vector. */
const pull = (values: Pixel) => multiply(values.weights, subtract(unit(values), values.target));

const distance: Loop<keyof Pixel | 'factor'> = {
  operands: { ...pixel, factor: 'number' },
  value: ({ factor, ...values }) =>
    multiply(multiply(values.weights, factor), square(subtract(unit(values), values.target))),
  sums: 'pixels',
};
const alongPixel: Loop<keyof Pixel> = {
  operands: pixel,
  value: (values) => multiply(pull(values), unit(values)),
  sums: 'channels',
};
const gradient: Loop<keyof Pixel | 'radial' | 'dy' | 'factor'> = {
  operands: { ...pixel, radial: 'pixels', dy: 'number', factor: 'number' },
  // Normalising removes the component of the gradient along the pixel.
  value: ({ radial, dy, factor, ...values }) =>
    multiply(
      subtract(pull(values), multiply(unit(values), radial)),
      multiply(values.inverse, multiply(dy, factor)),
    ),
};

interface Attributes {
  readonly epsilon: number;
}

/** `faceanim/UnitDistance` and its gradient. */
export const unitDistanceKernels: readonly tf.KernelConfig[] = [
  wasmKernel<'x' | 'target' | 'weights', Attributes>(
    'faceanim/UnitDistance',
    (backend, inputs, { epsilon }) => {
      const squared = sumChannels(backend, squaredLength, inputs.x.shape, inputs);
      const inverse = mapPixels(backend, inverseLength, [sizeOf(squared)], { squared, epsilon });
      const factor = 1 / pixelsOf(inputs.x);
      const value = sumImages(backend, distance, inputs.x.shape, { ...inputs, inverse, factor });
      for (const { dataId } of [squared, inverse]) backend.disposeData(dataId);
      return value;
    },
  ),
  wasmKernel<'dy' | 'x' | 'target' | 'weights', Attributes>(
    'faceanim/UnitDistanceGradient',
    (backend, inputs, { epsilon }) => {
      const { shape } = inputs.x;
      const squared = sumChannels(backend, squaredLength, shape, inputs);
      const size = [sizeOf(squared)];
      const inverse = mapPixels(backend, inverseLength, size, { squared, epsilon });
      const along = sumChannels(backend, alongPixel, shape, { ...inputs, inverse });
      const radial = mapPixels(backend, radialPart, size, { along, squared, inverse });
      const factor = 2 / pixelsOf(inputs.x);
      const dx = mapPixels(backend, gradient, shape, { ...inputs, inverse, radial, factor });
      for (const { dataId } of [squared, inverse, along, radial]) backend.disposeData(dataId);
      return dx;
    },
  ),
];

/** Number of pixels of each image. */
const pixelsOf = ({ shape }: tf.TensorInfo): number => shape[1]! * shape[2]!;
