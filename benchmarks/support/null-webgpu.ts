import type { Backend } from '@faceanim/tensor';
import { openWebgpuBackend, type Webgpu } from '@faceanim/tensor/backends';
import * as tf from '@tensorflow/tfjs-core';

/** The parts of a `GPUDevice` that are replaced. */
interface NullDevice {
  createBuffer(descriptor: BufferDescriptor): NullBuffer;
  createCommandEncoder(): { copyBufferToBuffer(...copy: [object, number, object, number, number]): void };
  readonly queue: { writeBuffer(buffer: object, offset: number, data: ArrayBufferView): void };
}

interface BufferDescriptor {
  readonly size: number;
  readonly usage: number;
  readonly mappedAtCreation?: boolean;
}

interface NullBuffer {
  readonly size: number;
  getMappedRange(): ArrayBuffer;
}

/**
 * WebGPU on Dawn's null backend (npm `webgpu`), which validates everything and computes nothing: shows the work of the
 * CPU and the buffers that are allocated, without a GPU. Replaces `navigator.gpu` for the whole process.
 */
export async function openNullWebgpu({
  fusedKernels,
  winograd,
}: {
  fusedKernels?: boolean;
  winograd?: boolean;
} = {}): Promise<Backend> {
  const { create, globals } = await import('webgpu');
  const gpu = create(['backend=null']) as unknown as Webgpu;
  Object.assign(globalThis, globals);
  Object.defineProperty(globalThis, 'navigator', { value: { gpu }, configurable: true });
  const tfjs = await import('@tensorflow/tfjs-backend-webgpu');
  const backend = await openWebgpuBackend({ gpu, tfjs, allowSoftware: true, fusedKernels, winograd });
  await backend.activate();
  fakeLargeBuffers(nullDevice());
  return backend;
}

const nullDevice = () => (tf.backend() as unknown as { device: NullDevice }).device;

/** Lets the open null device answer what is read from it, by the number of bytes, for programs that zeros would stop. */
export function answerReads(answer: (bytes: number) => ArrayBuffer): void {
  const device = nullDevice();
  const createBuffer = device.createBuffer.bind(device);
  device.createBuffer = (descriptor) => {
    const buffer = createBuffer(descriptor);
    if (descriptor.usage & mapRead) buffer.getMappedRange = () => answer(descriptor.size);
    return buffer;
  };
}

/** `GPUBufferUsage.MAP_READ`. */
const mapRead = 1;

/** The largest size in bytes that is really allocated. */
const small = 4096;

/** The null backend has only 512 MB. Large buffers become small ones that report the requested size. */
function fakeLargeBuffers(device: NullDevice): void {
  const createBuffer = device.createBuffer.bind(device);
  device.createBuffer = (descriptor) => {
    const { size, mappedAtCreation } = descriptor;
    if (size <= small) return createBuffer(descriptor);
    const buffer = createBuffer({ ...descriptor, size: small });
    Object.defineProperty(buffer, 'size', { value: size });
    if (mappedAtCreation) buffer.getMappedRange = () => new ArrayBuffer(size);
    return buffer;
  };
  const createCommandEncoder = device.createCommandEncoder.bind(device);
  device.createCommandEncoder = () => {
    const encoder = createCommandEncoder();
    const copy = encoder.copyBufferToBuffer.bind(encoder);
    encoder.copyBufferToBuffer = (from, _from, to, _to, bytes) =>
      copy(from, 0, to, 0, Math.min(bytes, small));
    return encoder;
  };
  const writeBuffer = device.queue.writeBuffer.bind(device.queue);
  device.queue.writeBuffer = (buffer, offset, data) => {
    if (offset + data.byteLength <= small) writeBuffer(buffer, offset, data);
  };
}
