import type * as tf from '@tensorflow/tfjs-core';
import type { FaceanimError } from '../../errors';
import { deviceLost, markBroken, outOfMemory } from '../faults';
import type { WebgpuDevice } from './device';

/** The part of tfjs' WebGPU backend that is patched. */
interface WebgpuTfBackend extends tf.KernelBackend {
  readonly bufferManager?: { readonly numBytesUsed: number };
}

/**
 * Makes a WebGPU backend throw typed errors. WebGPU does not throw when an allocation fails or the device is lost: it
 * accepts all work, and results are zeros. This watches the device and throws at the next readback.
 */
export function reportWebgpuFaults<B extends WebgpuTfBackend>(backend: B, device: WebgpuDevice): B {
  let fault: FaceanimError | undefined;
  device.lost.then(({ reason, message }) => {
    fault = deviceLost('webgpu', message || reason);
    markBroken(backend);
  });
  device.addEventListener('uncapturederror', (event) => {
    if (event.error.constructor.name !== 'GPUOutOfMemoryError') return;
    fault ??= outOfMemory('webgpu', {
      bytes: largest,
      inUse: backend.bufferManager?.numBytesUsed,
      cause: event.error,
    });
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

  const throwFault = () => {
    const found = fault;
    // Memory can be freed again; a lost device stays lost.
    if (found?.code === 'out-of-memory') fault = undefined;
    largest = undefined;
    if (found) throw found;
  };
  const read = backend.read.bind(backend);
  backend.read = async (dataId) => {
    const values = await read(dataId).catch(async (error) => {
      // The readback fails before the platform reports why.
      await new Promise((resolve) => setTimeout(resolve));
      throwFault();
      throw error;
    });
    throwFault();
    return values;
  };
  return backend;
}
