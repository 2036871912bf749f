import type { Backend } from './backend';
import type { OpenWasmOptions } from './wasm/backend';
import type { ThreadWorker } from './wasm/threads/pool';
import type { OpenWebgpuOptions } from './webgpu/backend';

// Imported when they are opened: a page on one runtime loads no kernels of another.

/**
 * Opens tfjs' WASM backend, in a browser or in Node. It has one thread where more do not start.
 *
 * @throws FaceanimError `backend-unavailable` if it does not start at all
 */
export async function openWasmBackend<W extends ThreadWorker>(options: OpenWasmOptions<W>): Promise<Backend> {
  return (await import('./wasm/backend')).openWasmBackend(options);
}

/**
 * Opens tfjs' WebGPU backend on a device with all limits of its adapter, in a browser or in Node.
 *
 * A lost device and a failed allocation surface at the next readback, as the typed errors `device-lost` and
 * `out-of-memory`.
 *
 * @throws FaceanimError `backend-unavailable` if there is no adapter, or only a software one that is not allowed
 */
export async function openWebgpuBackend(options: OpenWebgpuOptions): Promise<Backend> {
  return (await import('./webgpu/backend')).openWebgpuBackend(options);
}
