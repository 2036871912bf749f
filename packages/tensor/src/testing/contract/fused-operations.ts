import * as tf from '@tensorflow/tfjs-core';
import { customOp } from '../../autodiff/custom-op';
import { adamMoment, adamStep } from '../../ops/adam';
import { affine } from '../../ops/affine';
import { channelSums } from '../../ops/channel-sums';
import { concatChannels, joinChannels, sliceChannels } from '../../ops/concat-channels';
import { FrozenConv } from '../../ops/conv/frozen-conv';
import { PreactivatedConv } from '../../ops/conv/preactivated-conv';
import { demodulation } from '../../ops/demodulation';
import { dense } from '../../ops/dense';
import { findPeaks } from '../../ops/find-peaks';
import { FirFilter } from '../../ops/fir-filter';
import { leakyRelu } from '../../ops/leaky-relu';
import { maxPool } from '../../ops/max-pool';
import { noisyActivation } from '../../ops/noisy-activation';
import { bytesOf, packBytes } from '../../ops/pack-bytes';
import { pointwise, rowOf, uprightRowOf } from '../../ops/pointwise';
import { PolyphaseFilter } from '../../ops/polyphase-filter';
import { affineRelu, affineReluGradient } from '../../ops/relu';
import { addRepeatedBy2, averageBy2 } from '../../ops/resample2';
import { scaleChannels } from '../../ops/scale-channels';
import { shiftPixels } from '../../ops/shift-pixels';
import { softArgmax } from '../../ops/soft-argmax';
import { unitDistance } from '../../ops/unit-distance';
import { weightedSquareDistance } from '../../ops/weighted-square-distance';
import { normal, type Operation, type Own } from './operation';

/** One shape with a multiple of 4 channels, and one with odd sizes and a batch. */
const images = [
  [1, 12, 12, 8],
  [2, 7, 9, 6],
] as const;
/** The operations that backends may have fused kernels for, in several shapes. */
export const fusedOperations: readonly Operation[] = [
  ...images.flatMap(operationsOn),
  {
    // Large enough for a sum in two stages.
    name: 'scale of the channels of a large image',
    shapes: [
      [2, 33, 31, 5],
      [2, 5],
    ],
    run: ([x, scale]) => scaleChannels(x as tf.Tensor4D, scale as tf.Tensor2D),
  },
  ...([[6], [2, 5]] as const).flatMap((shape): Operation[] => {
    const data = Float32Array.from({ length: tf.util.sizeFromShape([...shape]) }, (_, i) => Math.sin(i + 1));
    const make = (own: Own) => own(new PolyphaseFilter({ shape, data }, 3, 2));
    const of = `${shape.join(' × ')} taps`;
    return [
      {
        name: `polyphase filter of ${of}, up`,
        shapes: [[2, 9, 9, 3]],
        run: ([x], own) => make(own).upsample(x as tf.Tensor4D, 19, 2),
      },
      {
        name: `polyphase filter of ${of}, down`,
        shapes: [[2, 15, 15, 3]],
        run: ([x], own) => make(own).downsample(x as tf.Tensor4D, 7, 1),
      },
    ];
  }),
  {
    name: 'first moment of Adam',
    shapes: [
      [3, 7],
      [3, 7],
    ],
    forwardOnly: true,
    run: ([moment, gradient]) => adamMoment(moment!, gradient!, 0.9, false),
  },
  {
    name: 'second moment of Adam',
    shapes: [
      [4, 8],
      [4, 8],
    ],
    forwardOnly: true,
    run: ([moment, gradient]) => adamMoment(moment!, gradient!, 0.9, true),
  },
  {
    name: 'step of Adam',
    shapes: [[3, 7], [3, 7], [3, 7], [], []],
    forwardOnly: true,
    run: ([param, m, v, size, root]) =>
      adamStep(param!, { m: m!, v: tf.square(v!), size: size!, root: tf.abs(root!), epsilon: 0.1 }),
  },
  {
    name: 'distance of unit channels of a large image',
    shapes: [
      [2, 65, 67, 5],
      [2, 65, 67, 5],
      [5, 1],
    ],
    constants: 2,
    run: ([x, target, weights]) =>
      unitDistance(x as tf.Tensor4D, target as tf.Tensor4D, weights as tf.Tensor2D, 1e-10),
  },
  {
    name: 'weighted squared distance of large images',
    shapes: [[2, 33, 37, 5], [2, 33, 37, 5], [5]],
    constants: 2,
    run: ([a, b, weights]) =>
      weightedSquareDistance(a as tf.Tensor4D, b as tf.Tensor4D, weights as tf.Tensor1D),
  },
  {
    name: 'weighted squared distance to one image',
    shapes: [[2, 5, 7, 4], [1, 5, 7, 4], [4]],
    constants: 2,
    run: ([a, b, weights]) =>
      weightedSquareDistance(a as tf.Tensor4D, b as tf.Tensor4D, weights as tf.Tensor1D),
  },
  // Large enough that a thread sums over several cells, and a small one.
  ...(
    [
      [2, 17, 19, 4],
      [2, 8, 9, 5],
    ] as const
  ).map(
    (shape): Operation => ({
      name: `soft arg-max of ${shape[3]} maps`,
      shapes: [shape],
      differences: true,
      // The confidence has no gradient.
      run: ([x]) => tf.slice(softArgmax(x as tf.Tensor4D, 3), [0, 0, 0], [-1, -1, 2]),
    }),
  ),
  {
    name: 'peaks of maps',
    shapes: [[2, 17, 19, 5]],
    forwardOnly: true,
    run: ([x]) => findPeaks(x as tf.Tensor4D, { radius: 3, sharpness: 2 }),
  },
  {
    name: 'an image whose pixels are shifted, some of them from beyond its border',
    shapes: [
      [1, 9, 7, 3],
      [2, 9, 7],
    ],
    forwardOnly: true,
    run: ([x, shifts]) => shiftPixels(x as tf.Tensor4D, tf.mul<tf.Tensor3D>(shifts!, 4)),
  },
  {
    name: 'packed bytes, some of them beyond their range',
    // So many that WebGL does not leave them to the CPU.
    shapes: [[1, 20, 24, 3]],
    forwardOnly: true,
    run: ([x]) => packBytes(tf.add(tf.mul(x!, 100), 127)),
    valuesOf: (values) => Float32Array.from(bytesOf(values)),
  },
  {
    name: 'bytes that do not fill up fours',
    shapes: [[1, 5, 5, 3]],
    forwardOnly: true,
    run: ([x]) => packBytes(tf.add(tf.mul(x!, 100), 127)),
    valuesOf: (values) => Float32Array.from(bytesOf(values)),
  },
  ...[2, 33].map(
    (vectors): Operation => ({
      name: `dense layer, ${vectors} vectors`,
      shapes: [[vectors, 37], [37, 21], [21]],
      constants: 2,
      run: ([x, matrix, bias]) => dense(x as tf.Tensor2D, matrix as tf.Tensor2D, bias as tf.Tensor1D),
    }),
  ),
  {
    name: 'demodulation',
    shapes: [
      [2, 37],
      [37, 21],
    ],
    constants: 1,
    run: ([style, root], own) => {
      const energy = tf.keep(tf.square(root as tf.Tensor2D));
      own({ [Symbol.dispose]: () => energy.dispose() });
      return demodulation(style as tf.Tensor2D, energy, 1.5);
    },
  },
  {
    name: 'affine map of channels',
    shapes: [[2, 3, 5, 4], [4], [4]],
    constants: 2,
    // In a tidy of its own, as in a network: nothing of the forward pass is left for the gradient but what it keeps.
    run: ([x, scale, shift]) => tf.tidy(() => affine(x!, scale as tf.Tensor1D, shift as tf.Tensor1D)),
  },
  {
    name: 'affine maps by numbers and by channels in turn',
    shapes: [[2, 3, 5, 4], [4]],
    constants: 1,
    run: ([x, k]) => tf.add(affine(x!, 2, k as tf.Tensor1D), affine(x!, k as tf.Tensor1D, 2)),
  },
  {
    name: 'a formula with every kind of input and operation',
    shapes: [
      [2, 3, 5],
      [2, 3, 7],
      [1, 7, 5],
    ],
    forwardOnly: true,
    run: ([a, b, c]) =>
      pointwise(
        'everything',
        {
          row: rowOf(a as tf.Tensor3D, 1),
          column: uprightRowOf(b as tf.Tensor3D, 2),
          first: rowOf(tf.slice(a as tf.Tensor3D, [0, 0, 2], [2, 3, 1]), 0),
          whole: c as tf.Tensor3D,
          same: c as tf.Tensor3D,
          number: 0.3,
        },
        (math, x) => {
          const positive = math.less(math.constant(0), x.whole);
          const huge = math.div(x.column, math.sub(x.row, x.row));
          const product = math.mul(math.add(x.row, x.column), math.sub(x.whole, x.first));
          return [
            math.where(positive, product, math.sqrt(math.abs(x.same))),
            math.and(positive, math.not(math.less(x.row, x.number))),
            math.or(math.isFinite(huge), math.less(x.column, x.row)),
            math.minimum(math.maximum(x.row, x.column), math.mul(math.sign(x.whole), x.number)),
          ];
        },
      ),
  },
  {
    name: 'sums of channels',
    shapes: [[2, 33, 31, 5]],
    forwardOnly: true,
    run: ([x]) => channelSums(x as tf.Tensor4D),
  },
];

function operationsOn(image: readonly [number, number, number, number]): Operation[] {
  const [n, height, width, channels] = image;
  const twice = [n, 2 * height, 2 * width, channels];
  const wide = [n, height, width, 2 * channels];
  const on = (name: string) => `${name} on ${image.join(' × ')}`;
  return [
    { name: on('leaky ReLU'), shapes: [image], run: ([x]) => leakyRelu(x!) },
    {
      name: on('leaky ReLU with a clamp'),
      shapes: [image],
      run: ([x]) => leakyRelu(x!, { alpha: 0.1, clamp: 1 }),
    },
    {
      name: on('scale of channels'),
      shapes: [image, [n, channels]],
      run: ([x, scale]) => scaleChannels(x as tf.Tensor4D, scale as tf.Tensor2D),
    },
    {
      name: on('activation without noise'),
      shapes: [image, [n, channels], [channels]],
      constants: 1,
      run: ([x, scale, bias]) => noisyActivation(x as tf.Tensor4D, scale as tf.Tensor2D, bias as tf.Tensor1D),
    },
    {
      name: on('activation with noise and a clamp'),
      shapes: [image, [n, channels], [height, width], [channels]],
      constants: 1,
      run: ([x, scale, map, bias]) =>
        noisyActivation(x as tf.Tensor4D, scale as tf.Tensor2D, bias as tf.Tensor1D, {
          noise: { map: map!, strength: 0.5, differentiable: true },
          clamp: 1,
        }),
    },
    {
      name: on('activation with a noise map per image'),
      shapes: [image, [n, channels], [n, height, width], [channels]],
      constants: 1,
      run: ([x, scale, map, bias]) =>
        noisyActivation(x as tf.Tensor4D, scale as tf.Tensor2D, bias as tf.Tensor1D, {
          noise: { map: map!, strength: 0.5, differentiable: true },
        }),
    },
    {
      name: on('affine ReLU'),
      shapes: [image, [channels], [channels]],
      constants: 2,
      run: ([x, scale, shift]) => affineRelu(x!, scale as tf.Tensor1D, shift as tf.Tensor1D),
    },
    {
      name: on('gradient of an affine ReLU, added to some of the channels of another'),
      shapes: [image, image, [channels], wide],
      forwardOnly: true,
      run: ([dy, y, scale, rest]) =>
        affineReluGradient(dy!, y!, scale as tf.Tensor1D, { image: rest as tf.Tensor4D, start: 4 }),
    },
    {
      name: on('concatenation of channels'),
      shapes: [image, image, [n, height, width, 4]],
      run: (x) => concatChannels(x as tf.Tensor4D[]),
    },
    {
      name: on('concatenation of channels, added to another image'),
      shapes: [image, image, wide],
      forwardOnly: true,
      run: ([a, b, c]) => joinChannels([a, b] as tf.Tensor4D[], c as tf.Tensor4D),
    },
    {
      name: on('some of the channels'),
      shapes: [image],
      forwardOnly: true,
      run: ([x]) => sliceChannels(x as tf.Tensor4D, 1, 4),
    },
    filter(on('low-pass filter'), image, (fir, x) => fir.apply(x, 1, 2)),
    filter(on('low-pass filter, up'), image, (fir, x) => fir.upsample(x)),
    filter(on('low-pass filter, down, of twice'), twice, (fir, x) => fir.downsample(x)),
    {
      name: on('low-pass filter, up, added to another image'),
      shapes: [image, twice],
      run: ([x, addend], own) =>
        own(new FirFilter(taps, channels, 1 / 16)).upsample(x as tf.Tensor4D, addend as tf.Tensor4D),
    },
    preactivated(on('pre-activated convolution'), image, 8),
    preactivated(on('pre-activated convolution to odd channels'), image, 5),
    {
      name: on('frozen convolution with ReLU'),
      shapes: [image],
      run: ([x], own) => {
        const shape = [8, channels, 3, 3];
        const weight = { shape, data: normal(tf.util.sizeFromShape(shape), 5) };
        return own(new FrozenConv(weight, { padding: 1, relu: true })).apply(x as tf.Tensor4D);
      },
    },
    {
      name: on('modulated convolution'),
      shapes: [image, [n, channels]],
      run: ([x, style], own) => {
        const shape = [5, channels, 3, 3];
        const weight = { shape, data: normal(tf.util.sizeFromShape(shape), 5) };
        const conv = own(new FrozenConv(weight, { padding: 1, bias: normal(5, 3) }));
        return conv.applyModulated(x as tf.Tensor4D, style as tf.Tensor2D);
      },
    },
    {
      name: on('modulated transposed convolution'),
      shapes: [image, [n, channels]],
      run: ([x, style], own) => {
        const shape = [channels, 4, 3, 3];
        const weight = { shape, data: normal(tf.util.sizeFromShape(shape), 5) };
        const conv = own(new FrozenConv(weight, { stride: 2 }));
        const size = [2 * height + 1, 2 * width + 1] as const;
        return conv.applyTransposedModulated(x as tf.Tensor4D, style as tf.Tensor2D, ...size);
      },
    },
    {
      name: on('max pool of 2, with ties'),
      shapes: [image],
      run: ([x]) => maxPool(wholeNumbers(x as tf.Tensor4D), { size: 2, stride: 2 }),
    },
    {
      name: on('max pool of 3 in steps of 2, rounded up, with ties'),
      shapes: [image],
      run: ([x]) => maxPool(wholeNumbers(x as tf.Tensor4D), { size: 3, stride: 2, ceil: true }),
    },
    {
      name: on('distance of unit channels'),
      shapes: [image, [1, height, width, channels], [channels, 1]],
      constants: 2,
      run: ([x, target, weights]) =>
        unitDistance(x as tf.Tensor4D, target as tf.Tensor4D, weights as tf.Tensor2D, 1e-10),
    },
    {
      name: on('weighted squared distance'),
      shapes: [image, image, [channels]],
      constants: 2,
      run: ([a, b, weights]) =>
        weightedSquareDistance(a as tf.Tensor4D, b as tf.Tensor4D, weights as tf.Tensor1D),
    },
    {
      name: on('repetition by 2, added to another image'),
      shapes: [twice, image],
      run: ([x, small]) => addRepeatedBy2(x as tf.Tensor4D, small as tf.Tensor4D),
    },
    { name: on('average by 2 of twice'), shapes: [twice], run: ([x]) => averageBy2(x as tf.Tensor4D) },
  ];
}

const taps = [1, 3, 3, 1];

function filter(
  name: string,
  shape: readonly number[],
  run: (fir: FirFilter, x: tf.Tensor4D) => tf.Tensor,
): Operation {
  const channels = shape.at(-1)!;
  return {
    name,
    shapes: [shape],
    run: ([x], own) => run(own(new FirFilter(taps, channels, 1 / 16)), x as tf.Tensor4D),
  };
}

/** Rounds x to non-negative whole numbers, many of them equal, with the gradient of the identity. */
function wholeNumbers(x: tf.Tensor4D): tf.Tensor4D {
  return customOp([x], () => ({ value: tf.relu(tf.round(x)), backward: (dy) => dy }));
}

/** As in a residual block: its upstream gradient is some channels of an image, and others are added to the result. */
function preactivated(
  name: string,
  shape: readonly [number, number, number, number],
  outputs: number,
): Operation {
  const [n, height, width, channels] = shape;
  const filter = [outputs, channels, 3, 3];
  const data = normal(tf.util.sizeFromShape(filter), 5);
  return {
    name,
    shapes: [shape, [channels], [channels], [n, height, width, 4 + outputs + channels]],
    constants: 3,
    run: ([x, scale, shift, wide], own) => {
      const conv = own(new FrozenConv({ shape: filter, data }, { padding: 1 }));
      const layer = new PreactivatedConv(conv, scale as tf.Tensor1D, shift as tf.Tensor1D);
      return customOp([x as tf.Tensor4D], () => {
        const { value, kept } = layer.forward(x as tf.Tensor4D);
        return {
          value,
          saved: [kept],
          backward: (dy, [kept]) => {
            const among = joinChannels([sliceChannels(wide as tf.Tensor4D, 0, 4), dy, x as tf.Tensor4D]);
            return layer.backward(among, kept as tf.Tensor4D, { start: 4, addend: among, addendStart: 4 });
          },
        };
      });
    },
  };
}
