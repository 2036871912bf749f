import type * as tf from '@tensorflow/tfjs-core';
import { FaceanimError } from '../errors';
import type { BackendName } from './backend';

const broken = new WeakSet<tf.KernelBackend>();

/** Notes that a tfjs backend can compute nothing more: its next `openBackend` starts a new one. */
export function markBroken(backend: tf.KernelBackend): void {
  broken.add(backend);
}

/** Whether a tfjs backend was marked by {@link markBroken}. */
export function isBroken(backend: tf.KernelBackend): boolean {
  return broken.has(backend);
}

/** What is known about an allocation that failed. */
export interface FailedAllocation {
  /** Bytes asked for. */
  bytes?: number;
  /** Bytes that tensors hold already. */
  inUse?: number;
  /** Most bytes that would have been given. */
  limit?: number;
  cause?: unknown;
}

/** An `out-of-memory` error that tells the size, and what would fit where that is known. */
export function outOfMemory(
  name: BackendName,
  { bytes, inUse, limit, cause }: FailedAllocation = {},
): FaceanimError {
  const what = bytes === undefined ? 'a tensor' : `a tensor of ${megabytes(bytes)}`;
  const beside = inUse === undefined ? '' : ` beside the ${megabytes(inUse)} in use`;
  const fits = limit === undefined ? '' : `; at most ${megabytes(limit)} would fit`;
  return new FaceanimError('out-of-memory', `The ${name} backend has no room for ${what}${beside}${fits}.`, {
    hint: 'Use a generator of lower resolution or fewer landmark modules, free the memory that other programs hold, or use another backend. Finished frames are kept.',
    cause,
  });
}

/** A `device-lost` error: the GPU went away under a run. */
export function deviceLost(name: BackendName, reason: string, cause?: unknown): FaceanimError {
  return new FaceanimError('device-lost', `The device of the ${name} backend was lost: ${reason}.`, {
    hint: 'Finished frames are kept: open the backend again and go on with resume (--resume), or use another one.',
    cause,
  });
}

/** Bytes for people. */
function megabytes(bytes: number): string {
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(2)} GB`;
}
