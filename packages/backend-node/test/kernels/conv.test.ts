import { type Backend, FrozenConv, type FrozenConvOptions, randomState } from '@faceanim/tensor';
import { isSoftwareAdapter } from '@faceanim/tensor/backends';
import { evaluateOperation, type Operation } from '@faceanim/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { registerWebgpuKernels } from '../../../tensor/src/kernels/webgpu';
import type { FrozenConvKernelOptions } from '../../../tensor/src/kernels/webgpu/conv/frozen-conv';
import { relativeL2 } from '../../../tensor/test/support/compare';
import { openBackend } from '../../src/open-backend';
import { useSoftwareVulkan } from '../support/webgpu';
import { emulatedMatrices } from './emulated-matrices';

interface Case extends FrozenConvOptions {
  name: string;
  /** Filters OIHW. */
  filter: [number, number, number, number];
  /** Images NHW. */
  images: [number, number, number];
  kernel?: FrozenConvKernelOptions;
  /** Relative to the oracle's, in the sense of L2. Default 1e-5. */
  tolerance?: number;
}

const inParts: FrozenConvKernelOptions = { mostDotProducts: 0 };
const byTiles: FrozenConvKernelOptions = { leastSaved: Number.NEGATIVE_INFINITY };

// The options of the kernel choose: as for a large GPU, tiny images make dot products, or the smallest tiles and sums in
// parts.
const cases: Case[] = [
  { name: '3x3, batch 2', filter: [64, 12, 3, 3], images: [2, 7, 9], padding: 1 },
  { name: 'to RGB', filter: [3, 72, 1, 1], images: [2, 4, 5] },
  {
    ...{
      name: '3x3, batch 2, the sum cut into parts',
      filter: [64, 12, 3, 3],
      images: [2, 7, 9],
      padding: 1,
    },
    kernel: inParts,
  },
  { name: '1x1, 128 x 128 tiles', filter: [128, 72, 1, 1], images: [2, 9, 11], kernel: { enough: 1 } },
  { name: '128 x 64 tiles', filter: [60, 20, 3, 3], images: [1, 13, 12], padding: 1, kernel: { enough: 1 } },
  { name: 'from RGB', filter: [64, 3, 3, 3], images: [1, 8, 6], padding: 1, kernel: inParts },
  { name: 'odd channels', filter: [18, 21, 3, 3], images: [1, 6, 7], padding: [0, 2, 1, 1] },
  { name: 'stride 2', filter: [20, 24, 3, 3], images: [2, 9, 8], stride: 2 },
  {
    ...{ name: 'stride 2, in parts', filter: [20, 24, 3, 3], images: [2, 9, 8], stride: 2 },
    kernel: inParts,
  },
  { name: 'stride 4, padding 2', filter: [16, 3, 11, 11], images: [1, 23, 26], stride: 4, padding: 2 },
  {
    ...{ name: 'gradient on matrix units', filter: [20, 36, 3, 3], images: [2, 5, 7], padding: 1 },
    ...{ kernel: { ...inParts, matrixUnit: emulatedMatrices() }, tolerance: 1e-3 },
  },
  {
    ...{ name: 'transformed tiles, batch 8', filter: [36, 20, 3, 3], images: [8, 7, 9], padding: 1 },
    kernel: byTiles,
  },
  {
    ...{ name: 'transformed tiles, uneven padding', filter: [68, 12, 3, 3], images: [1, 6, 5] },
    ...{ padding: [0, 2, 1, 0], kernel: byTiles },
  },
  {
    ...{ name: 'transformed tiles, in parts', filter: [20, 128, 3, 3], images: [1, 9, 3], padding: 1 },
    kernel: byTiles,
  },
  {
    ...{
      name: 'transformed tiles, 128 x 128 tiles',
      filter: [128, 72, 3, 3],
      images: [2, 13, 11],
      padding: 1,
    },
    kernel: { ...byTiles, enough: 1 },
  },
];

// Its gradient is a convolution of stride 2 to 60 channels.
const transposedOnMatrixUnits: Case = {
  ...{ name: 'gradient on matrix units, stride 2', filter: [60, 18, 2, 2], images: [2, 9, 8], stride: 2 },
  ...{ kernel: { matrixUnit: emulatedMatrices(), enoughMatrices: 1 }, tolerance: 1e-3 },
};

const operations: (readonly [Partial<Case>, Operation])[] = [
  ...cases.map((entry) => [entry, forward(entry)] as const),
  ...[...cases.filter(({ stride }) => stride), transposedOnMatrixUnits].map(
    (entry) => [entry, transposed(entry)] as const,
  ),
  [{ kernel: byTiles }, modulated([36, 20, 3, 3], [8, 7, 9])] as const,
];

/** Of each way that a kernel goes, one is fast: SwiftShader compiles each for seconds. */
const long =
  /^(3x3, batch 2|128 x 64 tiles|transformed tiles, (batch 8|uneven.*|128 x 128.*)|from RGB|odd channels|stride 2|stride 4, .*|gradient .*, stride 2)(, transposed)?$/;

useSoftwareVulkan();

describe('convolutions by constant filters on WebGPU are those of plain JavaScript', () => {
  let oracle: Backend;
  let backend: Backend | undefined;
  let reason: string | undefined;
  beforeAll(async () => {
    oracle = await openBackend({ prefer: 'js' });
    try {
      backend = await openBackend({ prefer: 'webgpu', allowSoftware: true });
    } catch (error) {
      reason = (error as Error).message;
    }
  });
  afterAll(async () => {
    registerWebgpuKernels();
    await backend?.[Symbol.asyncDispose]();
    await oracle[Symbol.asyncDispose]();
  });

  // Before the other tests, which register the kernel with options of their own.
  it('a software GPU gets the largest tiles', async ({ skip }) => {
    skip(backend === undefined, reason);
    skip(!isSoftwareAdapter(backend!.description), 'this machine has a GPU');
    await backend!.activate();
    const started = tf.backend() as unknown as { runWebGPUProgram(program: { shaderKey: string }): object };
    using layer = conv([128, 72, 1, 1], { bias: normal(128, 2), relu: true });
    const ran = vi.spyOn(started, 'runWebGPUProgram');
    tf.dispose(layer.apply(tf.zeros([4, 9, 15, 72])));
    expect(ran.mock.calls.map(([program]) => program.shaderKey)).toEqual([
      expect.stringContaining('frozenConv_128_128_'),
    ]);
    ran.mockRestore();
  });

  for (const [{ kernel, tolerance = 1e-5 }, operation] of operations) {
    const tags = long.test(operation.name) ? ['long'] : [];
    it(operation.name, { tags }, async ({ skip }) => {
      skip(backend === undefined, reason);
      await oracle.activate();
      const expected = await evaluateOperation(operation);
      await backend!.activate();
      registerWebgpuKernels(true, kernel);
      const { numTensors } = tf.memory();
      const got = await evaluateOperation(operation);
      expect(tf.memory().numTensors).toBe(numTensors);
      expect(got.map((values) => values.length)).toEqual(expected.map((values) => values.length));
      for (const [i, values] of expected.entries()) {
        expect(await relativeL2(got[i]!, values), i === 0 ? 'value' : 'gradient').toBeLessThan(tolerance);
      }
    });
  }
});

/** With bias and ReLU. */
function forward({ name, filter, images, kernel, tolerance, ...options }: Case): Operation {
  const bias = normal(filter[0], 2);
  return {
    name,
    shapes: [[...images, filter[1]]],
    run: ([x], own) => own(conv(filter, { ...options, bias, relu: true })).apply(x as tf.Tensor4D),
  };
}

/** By transformed tiles. */
function modulated(filter: Case['filter'], images: Case['images']): Operation {
  return {
    name: 'transformed tiles, modulated',
    shapes: [
      [...images, filter[1]],
      [images[0], filter[1]],
    ],
    run: ([x, style], own) =>
      own(conv(filter, { padding: 1 })).applyModulated(x as tf.Tensor4D, style as tf.Tensor2D),
  };
}

function transposed({ name, filter, images, kernel, tolerance, ...options }: Case): Operation {
  const [count, height, width] = images;
  const { stride = 1, padding = 0 } = options;
  const [top, bottom, left, right] = typeof padding === 'number' ? Array(4).fill(padding) : padding;
  const rows = Math.floor((height + top + bottom - filter[2]) / stride) + 1;
  const columns = Math.floor((width + left + right - filter[3]) / stride) + 1;
  return {
    name: `${name}, transposed`,
    shapes: [[count, rows, columns, filter[0]]],
    run: ([y], own) => own(conv(filter, options)).applyTransposed(y as tf.Tensor4D, height, width),
  };
}

function conv(filter: number[], options: FrozenConvOptions): FrozenConv {
  return new FrozenConv({ shape: filter, data: normal(tf.util.sizeFromShape(filter), 1) }, options);
}

function normal(size: number, seed: number): Float32Array {
  return Float32Array.from(randomState(seed).randn(size));
}
