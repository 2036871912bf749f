import * as tf from '@tensorflow/tfjs-core';
import { concatChannels } from '../../tensor/concat-channels';
import { FirFilter } from '../../tensor/fir';
import { FrozenConv, type FrozenConvOptions } from '../../tensor/frozen-conv';
import { maxPool } from '../../tensor/max-pool';
import { minMaxNormalize } from '../../tensor/minmax';
import { affineRelu, clampSymmetric, leakyRelu, scaleChannels } from '../../tensor/pointwise';
import { averageBy2, repeatBy2 } from '../../tensor/resample2';
import { resize } from '../../tensor/resize';
import { randomState } from '../../tensor/rng';
import { unitChannels } from '../../tensor/unit-channels';
import { weightedMeanSquare } from '../../tensor/weighted-mean-square';

/** Takes over a layer until the operation is evaluated. */
type Own = <T extends Disposable>(layer: T) => T;

/** An operation of the SDK at random inputs, to be compared between backends. */
export interface Operation {
  readonly name: string;
  /** Shapes of the inputs, which are standard normal. */
  readonly shapes: readonly (readonly number[])[];
  /** Layers that it makes go to `own`, since the gradient needs them later. */
  readonly run: (inputs: tf.Tensor[], own: Own) => tf.Tensor;
  /** How many of the inputs, counted from the last, are constants without a gradient. */
  readonly constants?: number;
  /** Allowed relative difference, where it is more than that of all others. */
  readonly tolerance?: number;
  /** Without a gradient: constant in the SDK, or not differentiable. */
  readonly forwardOnly?: boolean;
}

const image = [1, 12, 12, 6] as const;

/** Every operation that the SDK differentiates through, and those that it only computes. */
export const operations: readonly Operation[] = [
  unary('square', tf.square),
  unary('abs', tf.abs),
  unary('exp', tf.exp),
  // All that WebGPU and Vulkan promise is an absolute error of 2^-11.
  { ...unary('sin', tf.sin), tolerance: 1e-3 },
  unary('tanh', tf.tanh),
  unary('sigmoid', tf.sigmoid),
  unary('softplus', tf.softplus),
  unary('relu', (x) => tf.relu(x)),
  unary('neg', tf.neg),
  unary('sqrt', (x) => tf.sqrt(positive(x))),
  unary('rsqrt', (x) => tf.rsqrt(positive(x))),
  unary('reciprocal', (x) => tf.reciprocal(positive(x))),
  unary('clipByValue', (x) => tf.clipByValue(x, -0.7, 0.9)),
  { ...unary('step', (x) => tf.step(x)), forwardOnly: true },
  unary('sum of some axes', (x) => tf.sum(x, [1, 2])),
  unary('sum', (x) => tf.sum(x)),
  unary('mean of some axes', (x) => tf.mean(x, [0, 3], true)),
  unary('max', (x) => tf.max(x, 3)),
  unary('min', (x) => tf.min(x, [1, 2])),
  unary('tile', (x) => tf.tile(x, [2, 1, 3, 1])),
  unary('pad', (x) =>
    tf.pad(x, [
      [0, 0],
      [1, 2],
      [0, 3],
      [0, 0],
    ]),
  ),
  unary('slice', (x) => tf.slice(x, [0, 2, 1, 3], [1, 9, 10, 2])),
  unary('transpose', (x) => tf.transpose(x, [0, 3, 1, 2])),
  unary('split and stack', (x) => tf.stack(tf.split(x, 3, 3), 1)),
  unary('unstack and concat', (x) => tf.concat(tf.unstack(x, 1), 1)),
  unary('expandDims and reshape', (x) => tf.reshape(tf.expandDims(x, 2), [36, -1])),
  unary('avgPool', (x) => tf.avgPool(x as tf.Tensor4D, 2, 2, 'valid')),
  binary('add, broadcast', tf.add),
  binary('sub, broadcast', tf.sub),
  binary('mul, broadcast', tf.mul),
  binary('div, broadcast', (a, b) => tf.div(a, positive(b))),
  { name: 'maximum', shapes: [image, image], run: ([a, b]) => tf.maximum(a!, b!) },
  { name: 'squaredDifference', shapes: [image, image], run: ([a, b]) => tf.squaredDifference(a!, b!) },
  {
    name: 'addN',
    shapes: [
      [5, 7],
      [5, 7],
      [5, 7],
    ],
    run: (x) => tf.addN(x),
  },
  {
    name: 'matMul',
    shapes: [
      [9, 40],
      [40, 17],
    ],
    run: ([a, b]) => tf.matMul(a!, b!),
  },
  {
    name: 'matMul, transposed',
    shapes: [
      [40, 9],
      [17, 40],
    ],
    run: ([a, b]) => tf.matMul(a!, b!, true, true),
  },
  {
    name: 'matMul, a vector',
    shapes: [
      [1, 64],
      [64, 64],
    ],
    run: ([a, b]) => tf.matMul(a!, b!),
  },
  unary('conv2d', (x) => tf.conv2d(x as tf.Tensor4D, tensor([3, 3, 6, 5], 5) as tf.Tensor4D, 1, 'same')),
  {
    ...unary('depthwiseConv2d', (x) =>
      tf.depthwiseConv2d(x as tf.Tensor4D, tensor([4, 4, 6, 1], 5) as tf.Tensor4D, 1, 'valid'),
    ),
    // Filters of the SDK have gradients of their own.
    forwardOnly: true,
  },
  convolution('frozen convolution 1 × 1', [8, 6, 1, 1]),
  convolution('frozen convolution 3 × 3 with bias and ReLU', [8, 6, 3, 3], {
    padding: 1,
    bias: normal(8, 3),
    relu: true,
  }),
  convolution('frozen convolution 3 × 3, stride 2', [8, 6, 3, 3], { padding: 1, stride: 2 }),
  convolution('frozen convolution 7 × 7, stride 2', [4, 6, 7, 7], { padding: 3, stride: 2 }),
  unary('transposed frozen convolution', (x, own) =>
    own(new FrozenConv({ shape: [6, 4, 3, 3], data: normal(216, 5) }, { stride: 2 })).applyTransposed(
      x as tf.Tensor4D,
      25,
      25,
    ),
  ),
  filter('low-pass filter', (fir, x) => fir.apply(x, 1, 2)),
  filter('low-pass filter, up', (fir, x) => fir.upsample(x)),
  filter('low-pass filter, down', (fir, x) => fir.downsample(x)),
  unary('leaky ReLU with a clamp', (x) => leakyRelu(x, { alpha: 0.2, clamp: 1 })),
  unary('symmetric clamp', (x) => clampSymmetric(x, 0.8)),
  {
    name: 'scale of channels',
    shapes: [image, [1, 6]],
    run: ([x, s]) => scaleChannels(x as tf.Tensor4D, s as tf.Tensor2D),
  },
  {
    name: 'affine ReLU',
    shapes: [image, [6], [6]],
    constants: 2,
    run: ([x, scale, shift]) => affineRelu(x!, scale as tf.Tensor1D, shift as tf.Tensor1D),
  },
  unary('max pool', (x) => maxPool(tf.relu(x) as tf.Tensor4D, { size: 3, stride: 2, ceil: true })),
  unary('unit channels', (x) => unitChannels(x as tf.Tensor4D, 1e-10)),
  {
    name: 'weighted mean square',
    shapes: [image, [6, 1]],
    constants: 1,
    run: ([x, weights]) => weightedMeanSquare(x as tf.Tensor4D, weights as tf.Tensor2D),
  },
  {
    name: 'concatenation of channels',
    shapes: [image, image],
    run: (x) => concatChannels(x as tf.Tensor4D[]),
  },
  unary('min-max scaling', (x) => minMaxNormalize(x)),
  unary('average by 2', (x) => averageBy2(x as tf.Tensor4D)),
  unary('repeat by 2', (x) => repeatBy2(x as tf.Tensor4D)),
  unary('area resampling', (x) => resize(x as tf.Tensor4D, [5, 7], 'area')),
  unary('nearest resampling', (x) => resize(x as tf.Tensor4D, [20, 17], 'nearest')),
];

/** Values of an operation and the gradients of a random projection of them in each input, on the active backend. */
export async function evaluateOperation(operation: Operation): Promise<Float32Array[]> {
  const { shapes, constants = 0, run, forwardOnly } = operation;
  const owned: Disposable[] = [];
  const own: Own = (layer) => {
    owned.push(layer);
    return layer;
  };
  const results = tf.tidy(() => {
    const inputs = shapes.map((shape, i) => tensor(shape, 11 + i));
    const value = run(inputs, own);
    if (forwardOnly) return [value];
    const variable = inputs.slice(0, inputs.length - constants);
    const projection = tensor(value.shape, 97);
    const projected = (...x: tf.Tensor[]) =>
      tf.sum(tf.mul(run([...x, ...inputs.slice(x.length)], own), projection)) as tf.Scalar;
    return [value, ...tf.grads(projected)(variable)];
  });
  try {
    return (await Promise.all(results.map((result) => result.data()))) as Float32Array[];
  } finally {
    tf.dispose(results);
    for (const layer of owned) layer[Symbol.dispose]();
  }
}

function unary(name: string, run: (x: tf.Tensor, own: Own) => tf.Tensor): Operation {
  return { name, shapes: [image], run: ([x], own) => run(x!, own) };
}

function binary(name: string, run: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor): Operation {
  return { name, shapes: [image, [1, 1, 1, 6]], run: ([a, b]) => run(a!, b!) };
}

function convolution(name: string, shape: number[], options: FrozenConvOptions = {}): Operation {
  const data = normal(tf.util.sizeFromShape(shape), 5);
  return unary(name, (x, own) => own(new FrozenConv({ shape, data }, options)).apply(x as tf.Tensor4D));
}

function filter(name: string, run: (fir: FirFilter, x: tf.Tensor4D) => tf.Tensor): Operation {
  return unary(name, (x, own) => run(own(new FirFilter([1, 3, 3, 1], 6, 1 / 16)), x as tf.Tensor4D));
}

const positive = (x: tf.Tensor) => tf.add(tf.square(x), 0.5);

function tensor(shape: readonly number[], seed: number): tf.Tensor {
  return tf.tensor(normal(tf.util.sizeFromShape([...shape]), seed), [...shape]);
}

function normal(size: number, seed: number): Float32Array {
  return Float32Array.from(randomState(seed).randn(size));
}
