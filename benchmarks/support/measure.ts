import * as tf from '@tensorflow/tfjs-core';
import { countDispatches } from './count-dispatches';

/** What a call takes, in ms. */
export interface Timing {
  /** Median time until the result is there. */
  readonly ms: number;
  /** Mean CPU time of all threads of the process, which does not depend on the load of the machine. */
  readonly cpuMs: number;
  /** Median time until the call returns; a GPU goes on computing after that. */
  readonly returnMs: number;
}

/** Times a call. One value of its result is awaited: a GPU has to finish, and nothing large is copied. */
export async function measure(
  call: () => tf.Tensor,
  { iterations, warmUp }: { iterations: number; warmUp: number },
): Promise<Timing> {
  const times: number[] = [];
  const returns: number[] = [];
  let cpu = 0;
  for (let i = -warmUp; i < iterations; i++) {
    const cpuStart = process.cpuUsage();
    const start = performance.now();
    const result = call();
    const returned = performance.now();
    const first = tf.tidy(() => tf.slice(tf.reshape(result, [-1]), 0, 1));
    await first.data();
    const end = performance.now();
    const { user, system } = process.cpuUsage(cpuStart);
    tf.dispose([result, first]);
    if (i < 0) continue;
    times.push(end - start);
    returns.push(returned - start);
    cpu += (user + system) / 1000;
  }
  return { ms: median(times), cpuMs: cpu / iterations, returnMs: median(returns) };
}

/** What one call asks of a backend. */
export interface Work {
  /** Kernels of tfjs. */
  readonly kernels: number;
  /** CPU time of the call outside of kernels, in ms: the JavaScript of tfjs and the SDK. */
  readonly outsideMs: number;
  /** Dispatches to a WebGPU device. */
  readonly dispatches: number;
}

/** Counts and times the kernels and the dispatches of one call. */
export function countWork(backendName: string, call: () => void): Work {
  const work = { kernels: 0, outsideMs: 0, dispatches: 0 };
  const cpuMs = () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  };
  let depth = 0;
  const restore = tf.getKernelsForBackend(backendName).map((kernel) => {
    const { kernelFunc } = kernel;
    kernel.kernelFunc = (args) => {
      // Some kernels call others.
      if (depth > 0) return kernelFunc(args);
      depth++;
      work.kernels++;
      const start = cpuMs();
      try {
        return kernelFunc(args);
      } finally {
        work.outsideMs -= cpuMs() - start;
        depth--;
      }
    };
    return () => {
      kernel.kernelFunc = kernelFunc;
    };
  });
  const dispatches = countDispatches();
  const start = cpuMs();
  try {
    call();
  } finally {
    work.outsideMs += cpuMs() - start;
    for (const undo of restore) undo();
    work.dispatches = dispatches();
  }
  return work;
}

/** The most memory that the process has held so far, tensors and code. */
export const peakRssMB = () => megabytes(process.resourceUsage().maxRSS * 1024);

/** Memory that tfjs holds on the GPU, if the backend reports it. */
export function gpuMB(): number | undefined {
  const { numBytesInGPU } = tf.memory() as { numBytesInGPU?: number };
  return numBytesInGPU === undefined ? undefined : megabytes(numBytesInGPU);
}

export const megabytes = (bytes: number) => Math.round(bytes / 1e6);

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Milliseconds for display. */
export const tenths = (ms: number) => Math.round(10 * ms) / 10;
