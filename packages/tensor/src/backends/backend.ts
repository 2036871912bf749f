import type { NamedTensorMap } from '@tensorflow/tfjs-core';
import type { StepFunction, StepProgram } from '../programs/step-program';

/** Names of the runtimes that the SDK ships; others may be added by users. */
export type BackendName = 'cuda' | 'webgpu' | 'cpu' | 'wasm' | 'webgl' | 'js' | (string & {});

/** What a runtime can do, as far as it is known. */
export interface BackendCapabilities {
  /** Whether it computes on a GPU. */
  gpu: boolean;
  /** Device memory in bytes, where the runtime tells. */
  memoryBytes?: number;
  /** Whether 16-bit floats can be used in shaders. */
  float16?: boolean;
  /** Threads used by a CPU runtime. */
  threads?: number;
}

/**
 * A tensor runtime bound to tfjs. Opened by `openBackend` of a backend package; every tensor operation of the
 * SDK runs on the backend that was activated last.
 */
export interface Backend extends AsyncDisposable {
  readonly specificationVersion: 'v1';
  /** Name to ask for it by. */
  readonly name: BackendName;
  /** One line for people, e.g. `WASM (SIMD, 1 thread)`. */
  readonly description: string;
  /** Name under which it is registered in tfjs. */
  readonly tfBackend: string;
  readonly capabilities: Readonly<BackendCapabilities>;
  /** Makes it the backend of the following tensor operations. */
  activate(): Promise<void>;
  /**
   * Prepares a function for being run many times, e.g. by recording what it does on the device. The inputs are copied.
   * Absent: it is run operation by operation.
   */
  program?(step: StepFunction, inputs: NamedTensorMap): StepProgram;
}
