/**
 * Element type of a stored tensor, as safetensors names it. Values are little-endian, as in every format that we read and
 * on every machine that runs JavaScript.
 */
export type Dtype =
  | 'F64'
  | 'F32'
  | 'F16'
  | 'BF16'
  | 'I64'
  | 'I32'
  | 'I16'
  | 'I8'
  | 'U64'
  | 'U32'
  | 'U16'
  | 'U8'
  | 'BOOL';

/** Bytes per element of each {@link Dtype}. */
export const DTYPE_BYTES: Readonly<Record<Dtype, number>> = {
  F64: 8,
  F32: 4,
  F16: 2,
  BF16: 2,
  I64: 8,
  I32: 4,
  I16: 2,
  I8: 1,
  U64: 8,
  U32: 4,
  U16: 2,
  U8: 1,
  BOOL: 1,
};

/** Whether `name` is a {@link Dtype}. */
export function isDtype(name: unknown): name is Dtype {
  return typeof name === 'string' && Object.hasOwn(DTYPE_BYTES, name);
}

/**
 * Converts little-endian `bytes` of `dtype` to 32-bit floats, rounded to nearest; BOOL becomes 0 and 1. The result is a view
 * of `bytes` for aligned F32, else a new array.
 */
export function toFloat32(bytes: Uint8Array, dtype: Dtype): Float32Array {
  const width = DTYPE_BYTES[dtype];
  // Typed arrays need aligned addresses, which files do not guarantee. Node's Buffer.slice() would return a view.
  const { buffer, byteOffset, byteLength } =
    bytes.byteOffset % width === 0 ? bytes : Uint8Array.prototype.slice.call(bytes);
  const count = byteLength / width;
  switch (dtype) {
    case 'F32':
      return new Float32Array(buffer, byteOffset, count);
    case 'F64':
      return new Float32Array(new Float64Array(buffer, byteOffset, count));
    case 'I32':
      return new Float32Array(new Int32Array(buffer, byteOffset, count));
    case 'U32':
      return new Float32Array(new Uint32Array(buffer, byteOffset, count));
    case 'I16':
      return new Float32Array(new Int16Array(buffer, byteOffset, count));
    case 'U16':
      return new Float32Array(new Uint16Array(buffer, byteOffset, count));
    case 'I8':
      return new Float32Array(new Int8Array(buffer, byteOffset, count));
    case 'U8':
      return new Float32Array(new Uint8Array(buffer, byteOffset, count));
    case 'BOOL': {
      const flags = new Uint8Array(buffer, byteOffset, count);
      return fill(count, (i) => (flags[i] ? 1 : 0));
    }
    case 'F16': {
      const halves = new Uint16Array(buffer, byteOffset, count);
      return fill(count, (i) => halfToNumber(halves[i]!));
    }
    case 'BF16': {
      const words = new Uint16Array(buffer, byteOffset, count);
      const out = new Uint32Array(count);
      for (let i = 0; i < count; i++) out[i] = words[i]! << 16;
      return new Float32Array(out.buffer);
    }
    case 'I64':
    case 'U64': {
      // Pairs of 32-bit words instead of bigints: a double is more precise than the float that results.
      const low = new Uint32Array(buffer, byteOffset, count * 2);
      const high = dtype === 'I64' ? new Int32Array(buffer, byteOffset, count * 2) : low;
      return fill(count, (i) => high[2 * i + 1]! * 2 ** 32 + low[2 * i]!);
    }
  }
}

/**
 * Converts 32-bit floats to bytes of `dtype`: F32 (a view) or F16 (rounded to nearest even, infinite beyond ±65519).
 */
export function fromFloat32(values: Float32Array, dtype: 'F32' | 'F16'): Uint8Array {
  if (dtype === 'F32') return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  const out = new Uint16Array(values.length);
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  for (let i = 0; i < out.length; i++) out[i] = floatBitsToHalf(bits[i]!);
  return new Uint8Array(out.buffer);
}

function fill(count: number, value: (index: number) => number): Float32Array {
  const out = new Float32Array(count);
  for (let i = 0; i < count; i++) out[i] = value(i);
  return out;
}

/** IEEE 754 binary16: sign, 5 bits of exponent, 10 of fraction. */
function halfToNumber(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (1024 + fraction) * 2 ** (exponent - 25);
}

function floatBitsToHalf(bits: number): number {
  const sign = (bits >>> 16) & 0x8000;
  const exponent = (bits >>> 23) & 0xff;
  const fraction = bits & 0x7fffff;
  if (exponent === 0xff) return sign | (fraction ? 0x7e00 : 0x7c00);
  // Below 2^-14 halves are subnormal: the shift grows as the exponent falls, and beyond 24 bits nothing is left.
  const subnormal = Math.max(0, 113 - exponent);
  if (subnormal > 11) return sign;
  const shift = 13 + subnormal;
  const mantissa = fraction | 0x800000;
  const half = 2 ** (shift - 1);
  const rest = mantissa & (2 ** shift - 1);
  let rounded = mantissa >>> shift;
  if (rest > half || (rest === half && rounded & 1)) rounded++;
  // The implicit bit of a normal number, and a carry from rounding, add to the exponent as they should.
  const value = subnormal ? rounded : ((exponent - 113) << 10) + rounded;
  return sign | Math.min(value, 0x7c00);
}
