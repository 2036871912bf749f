import { DTYPE_BYTES, type Dtype } from '@faceanim/tensor';
import type { ByteSource } from './bytes/byte-source';

/** The most axes that a tensor may have, as in PyTorch and NumPy. */
export const MAX_AXES = 64;

/** What the table of contents says about a tensor. */
export interface TensorEntry {
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  /** Size of its elements in bytes. */
  readonly byteLength: number;
}

/** A tensor and its place in the file. */
export interface StoredTensor extends TensorEntry {
  /** Where it is, if not in the file: data that were compressed are unpacked in memory. */
  readonly source?: ByteSource;
  /** Offset of its first element in the file. */
  readonly offset: number;
  /** Distance between neighbours along each axis, in elements; absent for row-major order. */
  readonly strides?: readonly number[];
}

/** Reads a tensor in row-major order; fetches only the bytes from its first element to its last. */
export async function readStored(
  file: ByteSource,
  { dtype, shape, byteLength, source = file, offset, strides }: StoredTensor,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  if (!strides || byteLength === 0) return source.read(offset, byteLength, signal);
  const width = DTYPE_BYTES[dtype];
  const bytes = await source.read(offset, extent(shape, strides) * width, signal);
  // Axes of length 1 would cost a step for every element.
  const axes = shape.flatMap((size, axis) => (size === 1 ? [] : [axis]));
  return gather(
    bytes,
    width,
    axes.map((axis) => shape[axis]!),
    axes.map((axis) => strides[axis]!),
  );
}

/** Number of elements of the storage from the first to the last element of a tensor that is not empty. */
export function extent(shape: readonly number[], strides: readonly number[]): number {
  return shape.reduce((sum, size, axis) => sum + (size - 1) * strides[axis]!, 1);
}

/** Whether strides mean row-major order; those of axes of length 1 do not matter. */
export function isRowMajor(shape: readonly number[], strides: readonly number[]): boolean {
  let expected = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] !== 1 && strides[axis] !== expected) return false;
    expected *= shape[axis]!;
  }
  return true;
}

function gather(
  bytes: Uint8Array,
  width: number,
  shape: readonly number[],
  strides: readonly number[],
): Uint8Array {
  const Words = { 1: Uint8Array, 2: Uint16Array, 4: Uint32Array, 8: BigUint64Array }[width]!;
  const from = new Words(bytes.buffer as ArrayBuffer, 0, bytes.byteLength / width);
  const to = new Words(shape.reduce((product, size) => product * size, 1));
  const index = shape.map(() => 0);
  for (let i = 0, at = 0; i < to.length; i++) {
    to[i] = from[at]!;
    // Increment the index like an odometer, last axis first.
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      at += strides[axis]!;
      if (++index[axis]! < shape[axis]!) break;
      at -= strides[axis]! * shape[axis]!;
      index[axis] = 0;
    }
  }
  return new Uint8Array(to.buffer);
}
