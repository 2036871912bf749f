import * as tf from '@tensorflow/tfjs-core';

/** The most memory held so far, in bytes. */
export interface PeakMemory {
  /** Of the process since it began. */
  readonly memoryBytes: number;
  /** Of buffers on the GPU, if the backend reports it. */
  readonly gpuMemoryBytes?: number;
}

/** Watches the memory of the active backend until it is disposed. */
export function watchMemory(): Disposable & { peak(): PeakMemory } {
  let gpuMemoryBytes: number | undefined;
  const look = () => {
    const { numBytesAllocatedInGPU: now } = tf.memory() as { numBytesAllocatedInGPU?: number };
    if (now !== undefined) gpuMemoryBytes = Math.max(now, gpuMemoryBytes ?? 0);
  };
  // tfjs tells only what is held now. Programs hold their buffers for much longer than this.
  const timer = setInterval(look, 20);
  return {
    peak() {
      look();
      return { memoryBytes: 1024 * process.resourceUsage().maxRSS, gpuMemoryBytes };
    },
    [Symbol.dispose]: () => clearInterval(timer),
  };
}
