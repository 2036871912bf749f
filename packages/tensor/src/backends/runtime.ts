import { FaceanimError } from '../errors';
import type { Backend, BackendName } from './backend';

/** Options that a runtime is opened with. */
export interface RuntimeOptions {
  /** Whether a GPU runtime may run on a software adapter. */
  allowSoftware: boolean;
  /** Whether to register fused kernels, if the runtime has them. Default true. */
  fusedKernels?: boolean;
  /** Whether WebGPU may compute gradients in half precision on matrix units. Default false. */
  matrixUnits?: boolean;
  /** Whether WebGPU may compute convolutions by transformed tiles. Default false. */
  winograd?: boolean;
  /** Number of threads of a WASM runtime, if they start. Default: as many as the machine has cores. */
  threads?: number;
}

/**
 * A tensor runtime that may or may not be available on this machine. One file per runtime.
 *
 * `open` throws a `backend-unavailable` error with a hint that says what to do.
 */
export interface RuntimeFactory {
  /** Name to open it by. */
  readonly name: BackendName;
  /** Starts the runtime, but does not activate it. */
  open(options: RuntimeOptions): Promise<Backend>;
}

/** Makes a `backend-unavailable` error that says why the runtime did not start and what to do. */
export function unavailable(name: BackendName, reason: string, hint: string, cause?: unknown): FaceanimError {
  return new FaceanimError('backend-unavailable', `The ${name} backend did not come up: ${reason}.`, {
    hint,
    cause,
  });
}

/** Makes the error of a GPU runtime that found only a software adapter and may not use it. */
export function softwareOnly(name: BackendName, adapter: string): FaceanimError {
  return unavailable(
    name,
    `the only adapter is software (${adapter}), slower than the wasm backend`,
    'Install the driver of your GPU, or pass allowSoftware: true to use it anyway.',
  );
}

/** Whether the name of an adapter or renderer is that of a known software rasterizer. */
export function isSoftwareAdapter(adapter: string): boolean {
  return /swiftshader|llvmpipe|lavapipe|softpipe|basic render driver|\bWARP\b/i.test(adapter);
}
