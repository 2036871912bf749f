import type { DataId, KernelBackend } from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { isBroken } from '../../src/backends/faults';
import { openWebgpuBackend } from '../../src/backends/webgpu/backend';
import type { Webgpu } from '../../src/backends/webgpu/device';
import { reportWebgpuFaults } from '../../src/backends/webgpu/faults';

class GPUOutOfMemoryError extends Error {}
class GPUValidationError extends Error {}
class GPUInternalError extends Error {}

function fakeDevice() {
  let lose!: (info: { reason: string; message: string }) => void;
  let complain!: (event: { error: Error }) => void;
  const device = {
    limits: { maxBufferSize: 1000, maxStorageBufferBindingSize: 800 },
    lost: new Promise<{ reason: string; message: string }>((resolve) => {
      lose = resolve;
    }),
    createBuffer: ({ size }: { size: number }) => ({ size }),
    addEventListener: (_: string, listener: typeof complain) => {
      complain = listener;
    },
    destroy: () => {},
  };
  const backend = { read: async () => new Float32Array(1), bufferManager: { numBytesUsed: 600 } };
  const watched = reportWebgpuFaults(backend as unknown as KernelBackend, device);
  const read = () => watched.read({} as DataId);
  return { device, watched, read, lose, complain: (error: Error) => complain({ error }) };
}

it('reads normally without a fault', async () => {
  await expect(fakeDevice().read()).resolves.toHaveLength(1);
});

it('a buffer beyond the limits is refused, with its size and what would fit', () => {
  const { device } = fakeDevice();
  expect(device.createBuffer({ size: 800 })).toEqual({ size: 800 });
  expect(() => device.createBuffer({ size: 801 })).toThrow(/at most/);
});

// What follows from an allocation that failed, in words of Chromium (Dawn), Firefox (wgpu) and Safari (WebKit); how the last
// one words the use of an invalid bind group was not found.
it.each([
  ['Chromium', 'Out of memory', '[Invalid Buffer] is invalid due to a previous error.'],
  ['Firefox', 'Not enough memory left.', 'Bind group layout is invalid'],
  ['Safari', 'Allocation failure.', 'GPUBuffer.mapAsync: Buffer is not valid'],
  ['Safari, whose pipeline is too complex', 'Compute pipeline failed compilation', 'Validation failure.'],
])('in %s, a failed allocation surfaces at the next readback, once', async (_, message, consequence) => {
  const { device, read, complain, watched } = fakeDevice();
  device.createBuffer({ size: 700 });
  complain(new GPUOutOfMemoryError(message));
  complain(new GPUValidationError(consequence));
  await expect(read()).rejects.toMatchObject({ code: 'out-of-memory', cause: { message } });
  await expect(read()).resolves.toHaveLength(1);
  // What was not allocated is used later.
  complain(new GPUValidationError(consequence));
  await expect(read()).rejects.toMatchObject({ code: 'out-of-memory' });
  await expect(read()).resolves.toHaveLength(1);
  expect(isBroken(watched)).toBe(false);
});

it.each([
  new GPUValidationError('workgroup storage is larger than the maximum\n - While calling …'),
  // As Firefox words it.
  new GPUValidationError('Shader validation error'),
  new GPUValidationError('Bind group layout is invalid'),
  new GPUInternalError('CreateComputePipelines failed with VK_ERROR_UNKNOWN'),
])('a refused command surfaces at every later readback, since its results are zeros: %s', async (error) => {
  const { read, complain, watched } = fakeDevice();
  complain(error);
  await expect(read()).rejects.toMatchObject({ code: 'backend-unavailable' });
  await expect(read()).rejects.toThrow(`refused a command: ${error.message.split('\n')[0]}`);
  expect(isBroken(watched)).toBe(true);
});

it.each([
  ['the driver was reset', /was lost: the driver was reset\.$/],
  ['', /was lost: the platform does not say why\.$/],
])('a lost device surfaces at every later readback (%s)', async (message, told) => {
  const { read, lose, watched } = fakeDevice();
  lose({ reason: 'unknown', message });
  await expect(read()).rejects.toMatchObject({ code: 'device-lost' });
  await expect(read()).rejects.toThrow(told);
  expect(isBroken(watched)).toBe(true);
});

it('a device that refuses commands because it is lost counts as lost', async () => {
  const { read, lose, complain } = fakeDevice();
  complain(new GPUValidationError('Parent device is lost'));
  const reading = read();
  lose({ reason: 'unknown', message: '' });
  await expect(reading).rejects.toMatchObject({ code: 'device-lost' });
});

const tfjs = { WebGPUBackend: class {} as never };
const adapter = (info: object) => ({
  requestAdapter: async () => ({ features: new Set(), limits: {}, info }),
});

it.each([
  ['no adapter', { requestAdapter: async () => null }, /no adapter/],
  [
    'SwiftShader',
    adapter({ vendor: 'google', architecture: 'swiftshader' }),
    /software \(google swiftshader\)/,
  ],
  [
    'SwiftShader in Node',
    adapter({ device: 'swiftshader-device', description: 'SwiftShader driver 5.0.0' }),
    /software \(swiftshader-device, SwiftShader driver 5\.0\.0\)/,
  ],
  ['llvmpipe', adapter({ vendor: 'mesa', description: 'llvmpipe (LLVM 15)' }), /software \(llvmpipe/],
  ['a fallback', adapter({ vendor: 'x', isFallbackAdapter: true }), /software/],
])('%s is refused', async (_, gpu, message) => {
  const opening = openWebgpuBackend({ gpu: gpu as unknown as Webgpu, tfjs, allowSoftware: false });
  await expect(opening).rejects.toMatchObject({ code: 'backend-unavailable' });
  await expect(
    openWebgpuBackend({ gpu: gpu as unknown as Webgpu, tfjs, allowSoftware: false }),
  ).rejects.toThrow(message);
});
