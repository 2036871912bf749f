import * as tf from '@tensorflow/tfjs-core';

/** Reads the values of tensors and disposes them, even if reading fails. */
export async function readAll(tensors: readonly tf.Tensor[]): Promise<Float32Array[]> {
  try {
    return (await Promise.all(tensors.map((tensor) => tensor.data()))) as Float32Array[];
  } finally {
    tf.dispose([...tensors]);
  }
}

/** Reads the values of a tensor and disposes it, even if reading fails. */
export async function read(tensor: tf.Tensor): Promise<Float32Array> {
  return (await readAll([tensor]))[0]!;
}
