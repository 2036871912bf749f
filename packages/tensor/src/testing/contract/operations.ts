import * as tf from '@tensorflow/tfjs-core';
import { asImageTensor } from '../../images/image-tensor';
import { fitTo, resize } from '../../images/resize';
import { clampSymmetric } from '../../ops/clamp';
import { FrozenConv, type FrozenConvOptions } from '../../ops/conv/frozen-conv';
import { maxPool } from '../../ops/max-pool';
import { minMaxNormalize } from '../../ops/min-max';
import { repeatRows } from '../../ops/repeat-rows';
import { unitChannels } from '../../ops/unit-channels';
import { weightedMeanSquare } from '../../ops/weighted-mean-square';
import { fusedOperations } from './fused-operations';
import { image, normal, type Operation, tensor, unary } from './operation';

/** Every operation that the SDK uses. */
export const operations: readonly Operation[] = [
  unary('square', tf.square),
  unary('abs', tf.abs),
  unary('exp', tf.exp),
  // WebGPU and Vulkan only guarantee an absolute error of 2^-11.
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
    // The filters of the SDK have custom gradients.
    forwardOnly: true,
  },
  convolution('frozen convolution 1 × 1', [8, 6, 1, 1]),
  convolution('frozen convolution 3 × 3 with bias and ReLU', [8, 6, 3, 3], {
    padding: 1,
    bias: normal(8, 3),
    relu: true,
  }),
  convolution('frozen convolution 3 × 3, stride 2', [8, 6, 3, 3], { padding: 1, stride: 2 }),
  // Its taps do not reach the last row and column.
  convolution('frozen convolution 1 × 1, stride 2', [8, 6, 1, 1], { stride: 2 }),
  convolution('frozen convolution 7 × 7, stride 2', [4, 6, 7, 7], { padding: 3, stride: 2 }),
  // Tiles of 4 × 4 results that reach over the end of an image, are in several blocks, or split a row of them.
  frozen('odd size, batch of 2', [2, 7, 9, 8], [12, 8, 3, 3], { padding: 1, bias: normal(12, 3) }),
  frozen('uneven padding', [1, 6, 5, 4], [4, 4, 3, 3], { padding: [0, 2, 1, 0], relu: true }),
  frozen('smaller than a tile', [1, 2, 3, 4], [4, 4, 3, 3], { padding: 1 }),
  frozen('long rows', [1, 5, 121, 64], [64, 64, 3, 3], { padding: 1 }),
  frozen('few channels to many', [1, 9, 13, 3], [70, 3, 3, 3], { padding: 1 }),
  frozen('few channels to very many', [1, 4, 4, 4], [4096, 4, 3, 3], { padding: 1 }),
  frozen('1 × 1 to odd channels', [2, 5, 7, 20], [23, 20, 1, 1]),
  unary('transposed frozen convolution', (x, own) =>
    own(new FrozenConv({ shape: [6, 4, 3, 3], data: normal(216, 5) }, { stride: 2 })).applyTransposed(
      x as tf.Tensor4D,
      25,
      25,
    ),
  ),
  unary('symmetric clamp', (x) => clampSymmetric(x, 0.8)),
  unary('max pool', (x) => maxPool(tf.relu(x) as tf.Tensor4D, { size: 3, stride: 2, ceil: true })),
  unary('unit channels', (x) => unitChannels(x as tf.Tensor4D, 1e-10)),
  {
    name: 'weighted mean square',
    shapes: [image, [6, 1]],
    constants: 1,
    run: ([x, weights]) => weightedMeanSquare(x as tf.Tensor4D, weights as tf.Tensor2D),
  },
  unary('min-max scaling', (x) => minMaxNormalize(x)),
  differentiated('area resampling', image, (x) => resize(x, [5, 7], 'area')),
  differentiated('nearest resampling', image, (x) => resize(x, [20, 17], 'nearest')),
  differentiated('bilinear resampling', image, (x) => resize(x, [20, 17], 'bilinear')),
  differentiated('fitting a smaller image', [2, 8, 8, 3], (x) => fitTo(asImageTensor(x, 'signed'), 20)),
  differentiated('fitting a larger image', [2, 12, 12, 3], (x) => fitTo(asImageTensor(x, 'signed'), 5)),
  { name: 'repeated rows', shapes: [[2, 3, 5]], run: ([x]) => repeatRows(x as tf.Tensor3D, 4) },
  {
    name: 'where',
    shapes: [image, image],
    run: ([a, b]) => tf.where(tf.less(a!, 0.3), a!, b!),
    // Optimizers only select states with it.
    forwardOnly: true,
  },
  ...fusedOperations,
];

function frozen(name: string, image: number[], shape: number[], options: FrozenConvOptions = {}): Operation {
  const data = normal(tf.util.sizeFromShape(shape), 5);
  return {
    name: `frozen convolution, ${name}`,
    shapes: [image],
    run: ([x], own) => own(new FrozenConv({ shape, data }, options)).apply(x as tf.Tensor4D),
  };
}

function differentiated(
  name: string,
  shape: readonly number[],
  run: (x: tf.Tensor4D) => tf.Tensor,
): Operation {
  return { name, shapes: [shape], run: ([x]) => run(x as tf.Tensor4D), differences: true };
}

function binary(name: string, run: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor): Operation {
  return { name, shapes: [image, [1, 1, 1, 6]], run: ([a, b]) => run(a!, b!) };
}

function convolution(name: string, shape: number[], options: FrozenConvOptions = {}): Operation {
  const data = normal(tf.util.sizeFromShape(shape), 5);
  return unary(name, (x, own) => own(new FrozenConv({ shape, data }, options)).apply(x as tf.Tensor4D));
}

const positive = (x: tf.Tensor) => tf.add(tf.square(x), 0.5);
