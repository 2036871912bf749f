import * as tf from '@tensorflow/tfjs-core';
import { fusedKernel } from './fused-kernel';

/**
 * Prepares numbers to be read as bytes: a device with a kernel for it rounds them and packs four into an int32, which is a quarter
 * as much to read. Elsewhere they stay as they are, since WebGL keeps integers as floats, which cannot hold four bytes. Not
 * differentiable.
 *
 * @returns what {@link bytesOf} takes once it is read: int32 `[elements / 4]`, or float32 `[elements]`
 */
export function packBytes(x: tf.Tensor): tf.Tensor1D {
  const flat = () => tf.reshape(x, [-1]) as tf.Tensor1D;
  return x.size % 4 === 0 ? fusedKernel('faceanim/PackBytes', { x }, {}, flat) : flat();
}

/** The bytes of values that {@link packBytes} has prepared, rounded and clamped as a `Uint8ClampedArray` does. */
export function bytesOf(values: Float32Array | Int32Array): Uint8ClampedArray<ArrayBuffer> {
  if (values instanceof Float32Array) return Uint8ClampedArray.from(values);
  const { buffer, byteOffset, byteLength } = values as Int32Array<ArrayBuffer>;
  return new Uint8ClampedArray(buffer, byteOffset, byteLength);
}
