import * as tf from '@tensorflow/tfjs-core';

/**
 * The most bytes of data that tensors held at once while a function ran, beyond those before it. Unlike
 * `tf.memory().numBytes`, data that tensors share count once. What a kernel needs inside itself, and buffers that a GPU
 * backend keeps for later, are not seen.
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
    // What is inherited comes to light again.
    Reflect.deleteProperty(tensorInfo, 'set');
    Reflect.deleteProperty(tensorInfo, 'delete');
  }
}
