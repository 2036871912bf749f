import { DTYPE_BYTES, type Dtype, toFloat32 } from '@faceanim/tensor';
import { PickleBytes, PickleGlobal, PickleObject } from './pickle-records';
import { itemsOf } from './state-dict';

/** The most to copy: shared containers and texts could otherwise be copied exponentially often. */
export interface CopyBudget {
  values: number;
  characters: number;
}

/** More than the configuration of any network needs. */
export const configBudget = (): CopyBudget => ({ values: 100_000, characters: 1_000_000 });

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
 * Converts a pickled value to plain data: dicts and their subclasses become objects, tuples arrays, numpy's scalars numbers,
 * classes their names. Anything else is left out, as is everything once the `budget` is used up.
 */
export function plainData(root: unknown, budget: CopyBudget = configBudget()): unknown {
  const text = (value: string) => ((budget.characters -= value.length) >= 0 ? value : undefined);
  const copy = (value: unknown, depth: number): unknown => {
    if (--budget.values < 0 || depth > 50) return undefined;
    if (typeof value === 'string') return text(value);
    if (value === null || typeof value === 'number' || typeof value === 'boolean') return value;
    if (value instanceof PickleGlobal) return text(value.path);
    if (Array.isArray(value)) {
      const items: unknown[] = [];
      for (const item of value) {
        if (budget.values <= 0) break;
        items.push(copy(item, depth + 1));
      }
      return items;
    }
    const items = itemsOf(value);
    if (!items) return numpyScalar(value);
    const entries: [string, unknown][] = [];
    for (const [key, item] of items) {
      if (budget.values <= 0) break;
      const data = copy(item, depth + 1);
      if (typeof key === 'string' && data !== undefined && text(key) !== undefined) entries.push([key, data]);
    }
    // fromEntries defines own properties, so the key __proto__ is harmless.
    return Object.fromEntries(entries);
  };
  return copy(root, 0);
}

/** Reads `numpy.core.multiarray.scalar(dtype('f8', …), bytes)`. */
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
