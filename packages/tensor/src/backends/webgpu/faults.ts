import type * as tf from '@tensorflow/tfjs-core';
import { FaceanimError } from '../../errors';
import { deviceLost, markBroken, outOfMemory } from '../faults';
import type { WebgpuDevice } from './device';

/** The part of tfjs' WebGPU backend that is patched. */
interface WebgpuTfBackend extends tf.KernelBackend {
  readonly bufferManager?: { readonly numBytesUsed: number };
}

/**
 * Makes a WebGPU backend throw typed errors. WebGPU does not throw when an allocation fails, a shader is refused or
 * the device is lost: it accepts all work, and results are zeros. This watches the device and throws at the next readback.
 *
 * Errors are told apart by their types, since every browser words them differently.
 */
export function reportWebgpuFaults<B extends WebgpuTfBackend>(backend: B, device: WebgpuDevice): B {
  let fault: FaceanimError | undefined;
  let ranOut: FaceanimError | undefined;
  device.lost.then(({ reason, message }) => {
    fault = deviceLost(
      'webgpu',
      message || (reason === 'destroyed' ? reason : 'the platform does not say why'),
    );
    markBroken(backend);
  });
  device.addEventListener('uncapturederror', (event) => {
    const { error } = event;
    const type = error.constructor.name;
    if (type === 'GPUOutOfMemoryError') {
      const inUse = backend.bufferManager?.numBytesUsed;
      ranOut = outOfMemory('webgpu', { bytes: largest, inUse, cause: error });
      fault ??= ranOut;
    } else if (type === 'GPUValidationError' && ranOut) {
      // What was not allocated is used all the same.
      fault ??= ranOut;
    } else {
      fault ??= refused(error);
      markBroken(backend);
    }
  });

  // The error does not say which allocation failed. The largest since the last readback is the best guess.
  let largest: number | undefined;
  const createBuffer = device.createBuffer.bind(device);
  device.createBuffer = (descriptor) => {
    const { size } = descriptor;
    const limit = Math.min(device.limits.maxBufferSize, device.limits.maxStorageBufferBindingSize);
    if (size > limit) throw outOfMemory('webgpu', { bytes: size, limit });
    largest = Math.max(largest ?? 0, size);
    try {
      return createBuffer(descriptor);
    } catch (cause) {
      // Buffers that are mapped at creation fail immediately.
      throw (
        fault ?? outOfMemory('webgpu', { bytes: size, inUse: backend.bufferManager?.numBytesUsed, cause })
      );
    }
  };

  const throwFault = async () => {
    if (!fault) return;
    // A device that is lost may refuse commands before it says so.
    await new Promise((resolve) => setTimeout(resolve));
    const found = fault;
    // Memory can be freed again; a lost device stays lost.
    if (found.code === 'out-of-memory') fault = undefined;
    throw found;
  };
  const read = backend.read.bind(backend);
  backend.read = async (dataId) => {
    try {
      const values = await read(dataId);
      await throwFault();
      return values;
    } catch (error) {
      // The readback fails before the platform reports why.
      await new Promise((resolve) => setTimeout(resolve));
      await throwFault();
      throw error;
    } finally {
      largest = undefined;
    }
  };
  return backend;
}

/** The error for a command or shader that a driver does not accept. WebGPU leaves it out and goes on. */
function refused(cause: { message: string }): FaceanimError {
  return new FaceanimError(
    'backend-unavailable',
    `The webgpu backend cannot be used here, since the GPU refused a command: ${cause.message.split('\n')[0]}`,
    { hint: 'Update the driver of the GPU, or use another backend.', cause },
  );
}
