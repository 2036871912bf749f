import type * as tf from '@tensorflow/tfjs-core';
import { FaceanimError } from '../errors';
import type { BackendName } from './backend';

const broken = new WeakSet<tf.KernelBackend>();

/** Marks a tfjs backend as unusable, so that the next `openBackend` starts a new one. */
export function markBroken(backend: tf.KernelBackend): void {
  broken.add(backend);
}

/** Whether {@link markBroken} was called for a tfjs backend. */
export function isBroken(backend: tf.KernelBackend): boolean {
  return broken.has(backend);
}

/** What is known about a failed allocation. */
export interface FailedAllocation {
  /** Bytes requested. */
  bytes?: number;
  /** Bytes that tensors already hold. */
  inUse?: number;
  /** Most bytes that could be allocated. */
  limit?: number;
  cause?: unknown;
}

/** Makes an `out-of-memory` error that says how much was requested and, if known, how much would fit. */
export function outOfMemory(
  name: BackendName,
  { bytes, inUse, limit, cause }: FailedAllocation = {},
): FaceanimError {
  const what = bytes === undefined ? 'a tensor' : `a tensor of ${megabytes(bytes)}`;
  const beside = inUse === undefined ? '' : ` beside the ${megabytes(inUse)} in use`;
  const fits = limit === undefined ? '' : `; at most ${megabytes(limit)} would fit`;
  return new FaceanimError('out-of-memory', `The ${name} backend has no room for ${what}${beside}${fits}.`, {
    hint: 'Use smaller networks, free the memory that other programs hold, or use another backend.',
    cause,
  });
}

/** Makes a `device-lost` error: the GPU was reset or removed during a run. */
export function deviceLost(name: BackendName, reason: string, cause?: unknown): FaceanimError {
  return new FaceanimError('device-lost', `The device of the ${name} backend was lost: ${reason}.`, {
    hint: 'Open the backend again, or use another one.',
    cause,
  });
}

/** Human-readable size. */
function megabytes(bytes: number): string {
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(2)} GB`;
}
