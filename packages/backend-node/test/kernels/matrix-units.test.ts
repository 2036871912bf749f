import { FrozenConv } from '@faceanim/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { frozenConvKernel } from '../../../tensor/src/kernels/webgpu/conv/frozen-conv';
import { matrixUnitOf, subgroupMatrices } from '../../../tensor/src/kernels/webgpu/conv/matrix-unit';
import { matrixFeatures } from '../../src/runtimes/webgpu';
import { nullWebgpu } from '../support/webgpu';

const features = ['shader-f16', 'subgroups', 'chromium-experimental-subgroup-matrix'];

async function openNullDevice() {
  const gpu = await nullWebgpu(matrixFeatures);
  const adapter = await gpu.requestAdapter();
  return adapter!.requestDevice({ requiredFeatures: features as never });
}

it('Dawn accepts gradients on subgroup matrices, in both directions', async () => {
  const device = await openNullDevice();
  const { WebGPUBackend } = await import('@tensorflow/tfjs-backend-webgpu');
  // It has registered itself, for a GPU.
  tf.removeBackend('webgpu');
  tf.registerBackend('webgpu', () => new WebGPUBackend(device as never, {} as never));
  await tf.setBackend('webgpu');
  // The null device has little workgroup memory, and its subgroups go up to 128.
  tf.registerKernel(frozenConvKernel({ matrixUnit: { ...subgroupMatrices, depth: 16 }, enoughMatrices: 1 }));
  const codes: string[] = [];
  const createShaderModule = device.createShaderModule.bind(device);
  device.createShaderModule = (descriptor) => {
    codes.push(descriptor.code);
    return createShaderModule(descriptor);
  };
  device.pushErrorScope('validation');
  const weight = { shape: [64, 48, 3, 3], data: new Float32Array(64 * 48 * 9) };
  using conv = new FrozenConv(weight, { padding: 1 });
  tf.tidy(() => {
    const dy = conv.apply(tf.zeros([2, 9, 7, 48]));
    const dx = conv.backward(dy, 9, 7);
    tf.grad((y: tf.Tensor) => conv.applyTransposed(y as tf.Tensor4D, 9, 7))(dy, dx);
  });
  expect((await device.popErrorScope())?.message).toBeUndefined();
  expect(codes.filter((code) => code.includes('subgroupMatrixMultiplyAccumulate'))).toHaveLength(2);
  tf.removeBackend('webgpu');
});

it('matrix units are used where they multiply halves, 16 by 16 by 16, by subgroups of 32', () => {
  const config = { componentType: 'f16', resultComponentType: 'f32', M: 16, N: 16, K: 16 };
  const device = { features: new Set(features), limits: { maxComputeWorkgroupStorageSize: 49152 } };
  const info = { subgroupMinSize: 32, subgroupMaxSize: 32, subgroupMatrixConfigs: [config] };
  expect(matrixUnitOf(device, info)).toBe(subgroupMatrices);
  expect(matrixUnitOf({ ...device, features: new Set(['shader-f16']) }, info)).toBeUndefined();
  expect(
    matrixUnitOf({ ...device, limits: { maxComputeWorkgroupStorageSize: 16384 } }, info),
  ).toBeUndefined();
  for (const other of [
    { ...info, subgroupMaxSize: 64 },
    { ...info, subgroupMatrixConfigs: [{ ...config, M: 8 }] },
    // As Dawn describes the adapter of a device.
    { ...info, subgroupMatrixConfigs: undefined },
    undefined,
  ]) {
    expect(matrixUnitOf(device, other)).toBeUndefined();
  }
});
