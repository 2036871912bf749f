import { DTYPE_BYTES, type Dtype } from '@faceanim/tensor';
import type { ByteSource } from './byte-source';

/** The most axes of a tensor: as many as PyTorch and NumPy allow. */
export const MAX_AXES = 64;

/** A tensor of a checkpoint, not read yet. */
export interface TensorEntry {
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  /** Bytes of its elements. */
  readonly byteLength: number;
}

/** A tensor and its place in the file. */
export interface StoredTensor extends TensorEntry {
  /** Where it lies, if not in the file itself: what was compressed there is in memory. */
  readonly source?: ByteSource;
  /** Offset of its first element in the file. */
  readonly offset: number;
  /** Distance between neighbours along each axis, in elements; absent where the elements lie in row-major order. */
  readonly strides?: readonly number[];
}

/** Reads the elements of a tensor in row-major order; only the bytes from its first to its last are fetched. */
export async function readStored(
  file: ByteSource,
  { dtype, shape, byteLength, source = file, offset, strides }: StoredTensor,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  if (!strides || byteLength === 0) return source.read(offset, byteLength, signal);
  const width = DTYPE_BYTES[dtype];
  const bytes = await source.read(offset, extent(shape, strides) * width, signal);
  // Axes of length 1 would be stepped over for every element.
  const axes = shape.flatMap((size, axis) => (size === 1 ? [] : [axis]));
  return gather(
    bytes,
    width,
    axes.map((axis) => shape[axis]!),
    axes.map((axis) => strides[axis]!),
  );
}

/** Number of elements from the first to the last one of a tensor that is not empty. */
export function extent(shape: readonly number[], strides: readonly number[]): number {
  return shape.reduce((sum, size, axis) => sum + (size - 1) * strides[axis]!, 1);
}

/** Whether strides say that elements lie in row-major order; axes of length 1 may have any. */
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
    // Count the index up like an odometer, last axis first.
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      at += strides[axis]!;
      if (++index[axis]! < shape[axis]!) break;
      at -= strides[axis]! * shape[axis]!;
      index[axis] = 0;
    }
  }
  return new Uint8Array(to.buffer);
}
