import type { NamedTensorMap } from '@tensorflow/tfjs-core';
import type { StepFunction, StepProgram } from '../programs/step-program';

/**
 * Name of a tensor runtime: one of those that the SDK ships, or any other.
 *
 * @category Networks and backends
 */
export type BackendName = 'cuda' | 'webgpu' | 'cpu' | 'wasm' | 'webgl' | 'js' | (string & {});

/**
 * What a tensor runtime can do, as far as it reports it.
 *
 * @category Networks and backends
 */
export interface BackendCapabilities {
  /** Whether it computes on a GPU. */
  gpu: boolean;
  /** Device memory in bytes, if the runtime reports it. */
  memoryBytes?: number;
  /** Whether shaders can use 16-bit floats. */
  float16?: boolean;
  /** Whether it computes gradients of convolutions on matrix units. */
  matrixUnits?: boolean;
  /** Number of threads of a CPU runtime. */
  threads?: number;
}

/**
 * An open tensor runtime, such as WebGPU or WASM, from `openBackend` of a backend package.
 *
 * The active backend is global in TensorFlow.js: every tensor operation runs on the backend that was activated last. Calls
 * that take a backend activate it before each piece of work.
 *
 * @category Networks and backends
 */
export interface Backend extends AsyncDisposable {
  readonly specificationVersion: 'v1';
  /** Name to open it by. */
  readonly name: BackendName;
  /** One human-readable line, e.g. `WASM (SIMD, 1 thread)`. */
  readonly description: string;
  /** Name of the tfjs backend under it. */
  readonly tfBackend: string;
  readonly capabilities: Readonly<BackendCapabilities>;
  /** Runtimes that `openBackend` tried before this one, and why each did not start. */
  readonly skipped?: readonly { readonly name: BackendName; readonly reason: string }[];
  /** Makes it the backend of all tensor operations from now on, in the whole process or page. */
  activate(): Promise<void>;
  /**
   * Prepares a function to be run many times, e.g. by recording the commands that it sends to the device. The inputs are
   * copied. If absent, run it operation by operation with `eagerProgram`.
   */
  program?(step: StepFunction, inputs: NamedTensorMap): StepProgram;
}
