import { type Backend, FrozenConv, type FrozenConvOptions } from '@faceanim/tensor';
import { openWebgpuBackend, type Webgpu } from '@faceanim/tensor/backends';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it, vi } from 'vitest';
import { flush, type WebgpuTfBackend } from '../../../tensor/src/backends/webgpu/tfjs-internals';
import { registerWebgpuKernels } from '../../../tensor/src/kernels/webgpu';
import { savesEnough } from '../../../tensor/src/kernels/webgpu/conv/winograd';
import { openBackend } from '../../src/open-backend';
import { nullWebgpu } from '../support/webgpu';

type Running = WebgpuTfBackend & {
  runWebGPUProgram(program: { shaderKey: string }, inputs: readonly tf.TensorInfo[]): object;
};

const running = () => tf.backend() as Running;

async function openNullBackend(winograd?: boolean): Promise<Backend> {
  const gpu = (await nullWebgpu()) as unknown as Webgpu;
  const tfjs = await import('@tensorflow/tfjs-backend-webgpu');
  const backend = await openWebgpuBackend({ gpu, tfjs, allowSoftware: true, winograd });
  await backend.activate();
  return backend;
}

/** Tensors and bytes in use, when everything has been submitted. */
function used() {
  flush(running());
  return { tensors: tf.memory().numTensors, bytes: running().bufferManager.numBytesUsed };
}

const frozenConv = (
  inputs: number,
  outputs: number,
  { kernel = 3, ...options }: FrozenConvOptions & { kernel?: number },
) =>
  new FrozenConv(
    { shape: [outputs, inputs, kernel, kernel], data: new Float32Array(inputs * outputs * kernel ** 2) },
    options,
  );

/** Whether a convolution, and whether its gradient, is computed by transformed tiles. Checks that nothing is left. */
function byTiles(
  image: [number, number, number, number],
  outputs: number,
  options: FrozenConvOptions & { kernel?: number },
) {
  const before = used();
  const ran = vi.spyOn(running(), 'runWebGPUProgram');
  const products = () =>
    ran.mock.calls.filter(([{ shaderKey }]) => shaderKey.includes('placeProducts')).length;
  const found: number[] = [];
  {
    using conv = frozenConv(image[3], outputs, options);
    tf.tidy(() => {
      const y = conv.apply(tf.zeros(image));
      found.push(products());
      conv.backward(y, image[1], image[2]);
      found.push(products() - found[0]!);
    });
  }
  ran.mockRestore();
  expect(used()).toEqual(before);
  return found.map(Boolean);
}

it('with winograd, WebGPU computes convolutions of 3 × 3 by transformed tiles if they save enough', async () => {
  await using _backend = await openNullBackend(true);
  expect(byTiles([1, 64, 64, 128], 128, { padding: 1, relu: true })).toEqual([true, true]);
  expect(byTiles([8, 16, 16, 256], 128, { padding: 1 })).toEqual([true, true]);
  // They would save nothing with 16 tiles, and less than two dispatches cost with 64 channels.
  expect(byTiles([1, 16, 16, 512], 512, { padding: 1 })).toEqual([false, false]);
  expect(byTiles([1, 64, 64, 64], 64, { padding: 1 })).toEqual([false, false]);
  expect(byTiles([1, 128, 128, 128], 128, { padding: 1, stride: 2 })).toEqual([false, false]);
  expect(byTiles([1, 64, 64, 512], 512, { kernel: 1 })).toEqual([false, false]);
  expect(byTiles([1, 128, 128, 126], 128, { padding: 1 })).toEqual([false, false]);
});

it('without it, none is', async () => {
  await using _backend = await openNullBackend();
  expect(byTiles([1, 64, 64, 128], 128, { padding: 1 })).toEqual([false, false]);
});

it('a filter that another backend has packed is packed again', async () => {
  await using wasm = await openBackend({ prefer: 'wasm', threads: 1 });
  await using backend = await openNullBackend(true);
  await wasm.activate();
  const { numTensors } = tf.memory();
  {
    using conv = frozenConv(128, 128, { padding: 1 });
    await backend.activate();
    const ran = vi.spyOn(running(), 'runWebGPUProgram');
    const image = tf.zeros([1, 64, 64, 128]) as tf.Tensor4D;
    tf.dispose([image, conv.apply(image)]);
    expect(ran).toHaveBeenCalledTimes(5);
    ran.mockRestore();
  }
  expect(tf.memory().numTensors).toBe(numTensors);
});

it('an image whose transform no program could read is convolved as it is', async () => {
  await using _backend = await openNullBackend(true);
  const size = { batch: 1, inChannels: 128, outHeight: 64, outWidth: 64, outChannels: 64 };
  // Of 64 × 64 pixels, 16 × 16 tiles have 36 places each.
  const bytes = 4 * 36 * 256 * 128;
  const limits = vi.spyOn(running(), 'device', 'get');
  const allow = (most: number) =>
    limits.mockReturnValue({ limits: { maxStorageBufferBindingSize: most } } as never);
  allow(bytes);
  expect(savesEnough(size, 0)).toBe(true);
  allow(bytes - 4);
  expect(savesEnough(size, 0)).toBe(false);
  limits.mockRestore();
});

it('filters that are transformed in the first run of a program do not keep it from being recorded', async () => {
  await using backend = await openNullBackend();
  const x = tf.zeros([2, 9, 7, 8]);
  registerWebgpuKernels(false);
  using conv = frozenConv(8, 12, { padding: 1 });
  registerWebgpuKernels(true, { leastSaved: Number.NEGATIVE_INFINITY });
  using program = backend.program!(({ x }) => ({ y: conv.apply(x as tf.Tensor4D) }), { x });
  const ran = vi.spyOn(running(), 'runWebGPUProgram');
  program.run();
  expect(ran.mock.calls.map(([{ shaderKey }]) => shaderKey.split('_')[1])).toEqual([
    ...['filterToPlaces', 'filterToPlaces', 'pixelsToPlaces', 'placeProducts', 'placesToPixels'],
  ]);
  program.run();
  ran.mockClear();
  program.run();
  expect(ran).not.toHaveBeenCalled();
  ran.mockRestore();
  x.dispose();
});

it.each<[string, { kernel: number; winograd?: boolean }]>([
  ['', { kernel: 3 }],
  [', with winograd where there are no tiles', { kernel: 1, winograd: true }],
])(
  'a transpose reads a copy of the filter with its channels exchanged, if they come in fours%s',
  async (_, { kernel, winograd }) => {
    await using _backend = await openNullBackend(winograd);
    const ran = vi.spyOn(running(), 'runWebGPUProgram');
    const inputsOf = (program: string) =>
      ran.mock.calls.filter(([{ shaderKey }]) => shaderKey.includes(program)).map(([, inputs]) => inputs);
    for (const [channels, copies] of [
      [64, 1],
      [66, 0],
    ] as const) {
      ran.mockClear();
      using conv = frozenConv(channels, 64, { kernel, padding: (kernel - 1) / 2 });
      expect(inputsOf('exchangeChannels')).toHaveLength(copies);
      tf.tidy(() => conv.backward(conv.apply(tf.zeros([1, 64, 64, channels])), 64, 64));
      const [forward, backward] = inputsOf('frozenConv').map((inputs) => inputs.map(({ dataId }) => dataId));
      const shared = forward!.filter((dataId) => backward!.includes(dataId));
      // The gradient is the result of the convolution, so the filter is all that both can read.
      expect(shared).toHaveLength(1 - copies);
    }
    ran.mockRestore();
  },
);
