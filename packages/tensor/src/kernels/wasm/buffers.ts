import type * as tf from '@tensorflow/tfjs-core';
import { rowsOf, sizeOf } from './kernel';
import type { WasmTfBackend } from './run';

/** A new tensor of zeros. */
export function zeros(backend: WasmTfBackend, shape: readonly number[]): tf.TensorInfo {
  const tensor = backend.makeOutput(shape, 'float32');
  const { address } = rowsOf(backend, tensor);
  backend.wasm.HEAPU8.fill(0, address, address + 4 * sizeOf(tensor));
  return tensor;
}

/** A new tensor with the values of another one, whose shape may be another, or with several copies of them. */
export function copyOf(
  backend: WasmTfBackend,
  values: tf.TensorInfo,
  shape: readonly number[] = values.shape,
): tf.TensorInfo {
  const tensor = backend.makeOutput(shape, 'float32');
  const from = rowsOf(backend, values).address;
  const to = rowsOf(backend, tensor).address;
  const bytes = 4 * sizeOf(values);
  for (let at = 0; at < 4 * sizeOf(tensor); at += bytes) {
    backend.wasm.HEAPU8.copyWithin(to + at, from, from + bytes);
  }
  return tensor;
}
