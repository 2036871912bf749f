import { FrozenConv, fitTo, type ImageTensor, toUnit } from '@faceanim/tensor';
import { type FrozenConvAttributes, frozenConvName } from '@faceanim/tensor/backends';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { gradientScale } from '../../../tensor/src/kernels/webgpu/conv/matrix-tiles';
import { relativeL2 } from '../../../tensor/test/support/compare';
import { type AvatarPack, avatarPack } from '../../src/packs/avatar';

import '../../../tensor/test/support/backends';

/** The part of tfjs' WASM backend that the kernel below uses. */
interface WasmBackend extends tf.KernelBackend {
  makeOutput(shape: number[], dtype: 'float32'): tf.TensorInfo;
  typedArrayFromHeap(tensor: tf.TensorInfo): Float32Array;
}

// The convolutions of tfjs, with gradients and filters rounded to halves first.
const halfGradients: tf.KernelConfig = {
  kernelName: frozenConvName,
  backendName: 'wasm',
  kernelFunc({ inputs, attrs, backend }) {
    const wasm = backend as WasmBackend;
    const { x, filter, bias, style, ...more } = inputs as Record<
      'x' | 'filter' | 'bias' | 'style',
      tf.TensorInfo
    >;
    expect(Object.keys(more)).toEqual([]);
    const attributes = attrs as unknown as FrozenConvAttributes;
    if (!attributes.gradient) {
      if (!style) return convolve(wasm, { x, filter, bias }, attributes);
      const styled = withStyle(wasm, x, style);
      const result = convolve(wasm, { x: styled, filter, bias }, attributes);
      wasm.disposeData(styled.dataId);
      return result;
    }
    const rounded = { x: halves(wasm, x, gradientScale), filter: halves(wasm, filter, 1) };
    const result = convolve(wasm, rounded, attributes);
    wasm.disposeData(rounded.x.dataId);
    wasm.disposeData(rounded.filter.dataId);
    const values = wasm.typedArrayFromHeap(result);
    values.forEach((value, i) => {
      values[i] = value / gradientScale;
    });
    return result;
  },
};

function convolve(
  backend: WasmBackend,
  { x, filter, bias }: { x: tf.TensorInfo; filter: tf.TensorInfo; bias?: tf.TensorInfo },
  { stride, padding: [top, bottom, left, right], height, width, transposed, relu }: FrozenConvAttributes,
): tf.TensorInfo {
  const pad = [
    [0, 0],
    [top, bottom],
    [left, right],
    [0, 0],
  ];
  const attributes = { strides: [stride, stride], pad, dataFormat: 'NHWC', dilations: [1, 1] };
  const inputShape = [x.shape[0]!, height, width, filter.shape[2]!];
  const run = (name: string, inputs: object, attrs: object) =>
    tf.getKernel(name, 'wasm')!.kernelFunc({ inputs, attrs, backend } as never) as tf.TensorInfo;
  return transposed
    ? run(tf.Conv2DBackpropInput, { dy: x, filter }, { ...attributes, inputShape })
    : run(
        tf.FusedConv2D,
        { x, filter, ...(bias && { bias }) },
        { ...attributes, activation: relu ? 'relu' : 'linear' },
      );
}

/** Multiplies the channels of an image `[N, H, W, C]` by style `[N, C]`. */
function withStyle(backend: WasmBackend, x: tf.TensorInfo, style: tf.TensorInfo): tf.TensorInfo {
  const [, height, width, channels] = x.shape as [number, number, number, number];
  const [values, factors] = [x, style].map(({ dataId }) => backend.readSync!(dataId) as Float32Array);
  const result = backend.makeOutput(x.shape, 'float32');
  backend.typedArrayFromHeap(result).set(
    values!.map((value, i) => {
      const image = Math.floor(i / (height * width * channels));
      return value * factors![image * channels + (i % channels)]!;
    }),
  );
  return result;
}

/** Multiplies values by a factor and rounds them to 11 bits within the range of halves. */
function halves(backend: WasmBackend, tensor: tf.TensorInfo, factor: number): tf.TensorInfo {
  const values = (backend.readSync!(tensor.dataId) as Float32Array).slice();
  const bits = new Uint32Array(values.buffer);
  for (let i = 0; i < values.length; i++) {
    const value = Math.max(-65504, Math.min(values[i]! * factor, 65504));
    if (Math.abs(value) < 2 ** -14) {
      values[i] = Math.round(value * 2 ** 24) / 2 ** 24;
    } else {
      values[i] = value;
      bits[i] = (bits[i]! + 0xfff + ((bits[i]! >>> 13) & 1)) & ~0x1fff;
    }
  }
  const result = backend.makeOutput(tensor.shape, 'float32');
  backend.typedArrayFromHeap(result).set(values);
  return result;
}

beforeAll(async () => {
  await tf.setBackend('wasm');
  // The kernel above has no fused activations.
  vi.spyOn(FrozenConv.prototype, 'canFuse', 'get').mockReturnValue(false);
});

afterAll(() => void vi.restoreAllMocks());

it('gradients differ by less than 1 % when every convolution rounds them to halves, as on matrix units', {
  tags: ['long'],
}, async () => {
  using pack = await avatarPack({ fanModules: 1 });
  const ws = tf.tidy(() => pack.generator.mapping(tf.ones([1, pack.generator.zDim])));
  const other = tf.tidy(() => image(pack, pack.generator.mapping(tf.zeros([1, pack.generator.zDim]))));
  const features = pack.perceptual.features(other);
  const heatmaps = pack.landmarkNet.heatmaps(toUnit(other, 'signed'));
  const losses = {
    perceptual: (ws: tf.Tensor) =>
      pack.perceptual.distance(pack.perceptual.features(image(pack, ws)), features),
    landmarks: (ws: tf.Tensor) =>
      tf.squaredDifference(pack.landmarkNet.heatmaps(toUnit(image(pack, ws), 'signed')), heatmaps),
  };
  for (const [name, loss] of Object.entries(losses)) {
    const exact = tf.grad((ws) => tf.sum(loss(ws)))(ws);
    tf.registerKernel(halfGradients);
    const rounded = tf.grad((ws) => tf.sum(loss(ws)))(ws);
    tf.unregisterKernel(frozenConvName, 'wasm');
    const difference = await relativeL2(rounded, exact);
    expect(difference, name).toBeGreaterThan(1e-6);
    expect(difference, name).toBeLessThan(1e-2);
    tf.dispose([exact, rounded]);
  }
  tf.dispose([ws, other, heatmaps, ...features]);
});

function image(pack: AvatarPack, ws: tf.Tensor): ImageTensor<'signed'> {
  return fitTo(pack.generator.synthesis(ws as tf.Tensor3D), pack.landmarkNet.inputSize);
}
