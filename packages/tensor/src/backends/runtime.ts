import { FaceanimError } from '../errors';
import type { Backend, BackendName } from './backend';

/** What a runtime is opened with. */
export interface RuntimeOptions {
  /** Whether a GPU runtime may run on a software adapter. */
  allowSoftware: boolean;
  /** Whether the SDK's own fused kernels are used where the runtime has them. Default true. */
  fusedKernels?: boolean;
  /** Whether WebGPU may multiply gradients in half precision on matrix units. Default false. */
  matrixUnits?: boolean;
}

/**
 * A tensor runtime that may or may not come up on this machine; one file per runtime.
 * `open` throws a `backend-unavailable` error whose hint is the one thing to do about it.
 */
export interface RuntimeFactory {
  /** Name to ask for it by. */
  readonly name: BackendName;
  /** Starts the runtime without activating it. */
  open(options: RuntimeOptions): Promise<Backend>;
}

/** A `backend-unavailable` error that says why and what to do. */
export function unavailable(name: BackendName, reason: string, hint: string, cause?: unknown): FaceanimError {
  return new FaceanimError('backend-unavailable', `The ${name} backend did not come up: ${reason}.`, {
    hint,
    cause,
  });
}

/** The error for a GPU runtime that found only a software adapter and was not allowed to use it. */
export function softwareOnly(name: BackendName, adapter: string): FaceanimError {
  return unavailable(
    name,
    `the only adapter is software (${adapter}), slower than the wasm backend`,
    'Install the driver of your GPU, or pass allowSoftware: true (--allow-software) to use it all the same.',
  );
}

/** Whether the name of an adapter or renderer is that of one of the known software rasterizers. */
export function isSoftwareAdapter(adapter: string): boolean {
  return /swiftshader|llvmpipe|lavapipe|softpipe|basic render driver|\bWARP\b/i.test(adapter);
}
