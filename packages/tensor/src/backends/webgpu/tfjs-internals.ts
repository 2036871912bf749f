import type { KernelBackend } from '@tensorflow/tfjs-core';
import type { WebgpuDevice } from './device';

// The parts of WebGPU and of tfjs' WebGPU backend (4.22) that recording needs, typed structurally since this package
// depends on neither.

/** A `GPUBuffer`. */
export interface WebgpuBuffer {
  readonly size: number;
  readonly usage: number;
  destroy(): void;
}

/** The flags of `GPUBufferUsage` that show what tfjs needs a buffer for. */
export const bufferUsage = { uniform: 0x40, storage: 0x80 } as const;

/** A `GPUComputePassEncoder`. */
export interface WebgpuPass {
  setPipeline(pipeline: unknown): void;
  setBindGroup(index: number, group: unknown, offsets?: unknown): void;
  dispatchWorkgroups(x: number, y?: number, z?: number): void;
  end(): void;
}

/** A `GPUCommandEncoder`. */
export interface WebgpuEncoder {
  beginComputePass(descriptor?: { timestampWrites?: unknown }): WebgpuPass;
  copyBufferToBuffer(source: WebgpuBuffer, at: number, target: WebgpuBuffer, to: number, size: number): void;
  finish(): unknown;
}

/** A `GPUDevice` as the tfjs backend uses it. */
export interface WebgpuTfDevice extends WebgpuDevice {
  readonly queue: {
    submit(commands: readonly unknown[]): void;
    writeBuffer(buffer: WebgpuBuffer, offset: number, data: ArrayBufferView): void;
  };
  createBuffer(descriptor: { size: number; usage?: number; mappedAtCreation?: boolean }): unknown;
  createCommandEncoder(): WebgpuEncoder;
  createBindGroup(descriptor: { entries: readonly { resource: { buffer?: WebgpuBuffer } }[] }): unknown;
}

/** tfjs' `BufferManager`, which provides every buffer. */
export interface TfjsBuffers {
  readonly numBytesUsed: number;
  readonly numBytesAllocated: number;
  acquireBuffer(size: number, usage: number, mapped?: boolean, reuse?: boolean): WebgpuBuffer;
  releaseBuffer(buffer: WebgpuBuffer, reuse?: boolean): void;
  dispose(): void;
}

/** What tfjs' own buffer manager has in addition. */
export interface TfjsPool extends TfjsBuffers {
  numBytesAllocated: number;
  numFreeBuffers: number;
  /** Pooled buffers by size and usage. */
  readonly freeBuffers: Map<string, WebgpuBuffer[]>;
}

/** tfjs' `WebGPUBackend`. */
export interface WebgpuTfBackend extends KernelBackend {
  readonly device: WebgpuTfDevice;
  bufferManager: TfjsBuffers;
  /** The values of tensors: on the device, on the CPU or, once read, in both places. */
  readonly tensorMap: { get(dataId: object): { resource?: WebgpuBuffer; values?: unknown } };
  /** Holds the commands that were not submitted yet. */
  readonly commandEncoder: WebgpuEncoder | null;
  /** The tensors that those commands use. */
  readonly commandQueueOwnedIds: WeakSet<object>;
  /** Set while `tf.time` runs. */
  readonly activeTimers?: unknown;
  ensureCommandEncoderReady(): void;
  endComputePassEncoder(): void;
  submitQueue(): void;
  uploadToGPU(dataId: object): void;
}

/** Submits what tfjs has encoded so far, and releases the buffers of tensors disposed since. */
export function flush(backend: WebgpuTfBackend): void {
  if (!backend.commandEncoder) return;
  backend.endComputePassEncoder();
  backend.submitQueue();
}
