import { DTYPE_BYTES, type Dtype, toFloat32 } from '@faceanim/core';
import { PickleBytes, PickleGlobal, PickleObject } from './pickle';
import { itemsOf } from './state-dict';

/** Values copied at most: shared containers could otherwise be copied exponentially often. */
const MAX_VALUES = 100_000;

const numpyDtypes: ReadonlyMap<string, Dtype> = new Map([
  ['f8', 'F64'],
  ['f4', 'F32'],
  ['f2', 'F16'],
  ['i8', 'I64'],
  ['i4', 'I32'],
  ['i2', 'I16'],
  ['i1', 'I8'],
  ['u8', 'U64'],
  ['u4', 'U32'],
  ['u2', 'U16'],
  ['u1', 'U8'],
  ['b1', 'BOOL'],
]);

/**
 * A pickled value as plain data: dicts and their subclasses become objects, tuples arrays, numpy's scalars numbers,
 * classes their names. Anything else is left out.
 */
export function plainData(root: unknown): unknown {
  let values = 0;
  const copy = (value: unknown, depth: number): unknown => {
    if (++values > MAX_VALUES || depth > 50) return undefined;
    if (value === null || ['string', 'number', 'boolean'].includes(typeof value)) return value;
    if (value instanceof PickleGlobal) return value.path;
    if (Array.isArray(value)) return value.map((item) => copy(item, depth + 1));
    const items = itemsOf(value);
    if (!items) return numpyScalar(value);
    const entries: [string, unknown][] = [];
    for (const [key, item] of items) {
      const data = copy(item, depth + 1);
      if (typeof key === 'string' && data !== undefined) entries.push([key, data]);
    }
    // Defines own properties, so that a key __proto__ is a key like any other.
    return Object.fromEntries(entries);
  };
  return copy(root, 0);
}

/** `numpy.core.multiarray.scalar(dtype('f8', …), bytes)`. */
function numpyScalar(value: unknown): number | boolean | undefined {
  if (!(value instanceof PickleObject) || !(value.callable instanceof PickleGlobal)) return undefined;
  if (!/^numpy\._?core\.multiarray\.scalar$/.test(value.callable.path)) return undefined;
  const [type, bytes] = value.args;
  const name = type instanceof PickleObject && type.isFrom('numpy.dtype') ? type.args[0] : undefined;
  const dtype = typeof name === 'string' ? numpyDtypes.get(name) : undefined;
  const content = bytes instanceof PickleBytes ? bytes.content : undefined;
  if (!dtype || content?.byteLength !== DTYPE_BYTES[dtype]) return undefined;
  if (dtype === 'F64') return new DataView(content.buffer).getFloat64(0, true);
  const number = toFloat32(content, dtype)[0]!;
  return dtype === 'BOOL' ? number === 1 : number;
}
