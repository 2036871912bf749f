import * as tf from '@tensorflow/tfjs-core';

/** The values of tensors, which are disposed whether they can be read or not. */
export async function readAll(tensors: readonly tf.Tensor[]): Promise<Float32Array[]> {
  try {
    return (await Promise.all(tensors.map((tensor) => tensor.data()))) as Float32Array[];
  } finally {
    tf.dispose([...tensors]);
  }
}

/** The values of a tensor, which is disposed whether it can be read or not. */
export async function read(tensor: tf.Tensor): Promise<Float32Array> {
  return (await readAll([tensor]))[0]!;
}
