import * as tf from '@tensorflow/tfjs-core';

/** Counts the tensors that a function leaves behind: 0 for well-behaved code. */
export async function countLeaks(run: () => Promise<unknown>): Promise<number> {
  const before = tf.memory().numTensors;
  await run();
  return tf.memory().numTensors - before;
}

/**
 * Measures the peak memory of a function: the most bytes that tensors held at once, beyond those held before.
 *
 * Unlike in `tf.memory().numBytes`, data that tensors share count once. Memory that kernels use internally and buffers
 * that a GPU backend pools are not included.
 */
export function peakBytes(run: () => void): number {
  const { tensorInfo } = tf.engine().state;
  let now = 0;
  let peak = 0;
  const inherited = Object.getPrototypeOf(tensorInfo) as typeof tensorInfo;
  tensorInfo.set = (data, info) => {
    now += info.bytes;
    peak = Math.max(peak, now);
    return inherited.set.call(tensorInfo, data, info);
  };
  tensorInfo.delete = (data) => {
    now -= tensorInfo.get(data)?.bytes ?? 0;
    return inherited.delete.call(tensorInfo, data);
  };
  try {
    run();
    return peak;
  } finally {
    // Uncovers the inherited methods.
    Reflect.deleteProperty(tensorInfo, 'set');
    Reflect.deleteProperty(tensorInfo, 'delete');
  }
}
