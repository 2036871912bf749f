import type { ByteSource } from '../bytes/byte-source';
import { corrupt } from '../errors';
import { PickleObject } from './pickle-records';
import { isTensor } from './torch-tensor';

/** The deepest nesting of containers. */
const MAX_DEPTH = 200;
/** The most values to look at: shared containers could otherwise be walked exponentially often. */
const MAX_VALUES = 1_000_000;
/** The most tensors: a shared one counts once for each of its names. */
const MAX_TENSORS = 100_000;
/** The longest name: keys can be shared, so a small file could describe names of gigabytes. */
const MAX_NAME = 4096;
/** The most characters in all names together. */
const MAX_NAMES = 2 ** 24;

/** The items of a dict or of one of its subclasses; undefined for anything else. */
export function itemsOf(value: unknown): ReadonlyMap<unknown, unknown> | undefined {
  if (value instanceof Map) return value;
  if (!(value instanceof PickleObject)) return undefined;
  if (value.entries) return value.entries;
  if (!value.isFrom('collections.OrderedDict')) return undefined;
  // Python 2 passes the items as a list of pairs. Shared dicts are looked at often, so the result is cached.
  const pairs = Array.isArray(value.args[0]) ? value.args[0] : [];
  value.entries = new Map(pairs.filter((pair): pair is [unknown, unknown] => Array.isArray(pair)));
  return value.entries;
}

/** What NVIDIA's `torch_utils.persistence` pickles for an object: class name, state, source code. */
export function persistentMeta(value: unknown): ReadonlyMap<unknown, unknown> | undefined {
  if (!(value instanceof PickleObject)) return undefined;
  if (!value.isFrom('torch_utils.persistence._reconstruct_persistent_obj')) return undefined;
  return itemsOf(value.args[0]);
}

/**
 * Collects every tensor below `root` by name, in order. Names join dict keys, attributes of TorchScript modules, and
 * parameters and buffers of pickled `nn.Module`s by dots, as in PyTorch's state dicts.
 *
 * @throws FaceanimError `checkpoint-corrupt` for containers nested or shared beyond reason
 */
export function collectTensors(source: ByteSource, root: unknown): Map<string, PickleObject> {
  const tensors = new Map<string, PickleObject>();
  let values = 0;
  let characters = 0;
  // Counts everything that is looked at, even if it is then left out.
  const count = () => {
    if (++values > MAX_VALUES) throw corrupt(source, `the pickle holds more than ${MAX_VALUES} values.`);
  };
  const walk = (value: unknown, name: string, depth: number): void => {
    if (depth > MAX_DEPTH) throw corrupt(source, `the pickle is nested more than ${MAX_DEPTH} levels deep.`);
    if (isTensor(value)) {
      characters += name.length;
      if (tensors.size === MAX_TENSORS || characters > MAX_NAMES)
        throw corrupt(source, 'the pickle holds more tensors than any network.');
      if (tensors.has(name)) throw corrupt(source, `two tensors have the name ${JSON.stringify(name)}.`);
      tensors.set(name, value);
      return;
    }
    for (const [key, child] of childrenOf(value)) {
      count();
      const part = nameOf(key);
      if (part === undefined) continue;
      if (name.length + part.length > MAX_NAME) throw corrupt(source, 'the pickle has endless names.');
      walk(child, name === '' ? part : `${name}.${part}`, depth + 1);
    }
  };
  walk(root, '', 0);
  return tensors;
}

/** A key as part of a tensor's name; undefined if it cannot be in a name. */
export function nameOf(key: unknown): string | undefined {
  return typeof key === 'string' || typeof key === 'number' ? String(key) : undefined;
}

/** The children that {@link collectTensors} visits: items of containers, parts of modules. */
export function* childrenOf(value: unknown): Iterable<readonly [unknown, unknown]> {
  const items = itemsOf(value);
  const list = value instanceof PickleObject ? value.items : value;
  const state = itemsOf(
    persistentMeta(value)?.get('state') ?? (value instanceof PickleObject && value.state),
  );
  if (items) yield* items;
  if (Array.isArray(list)) yield* list.entries();
  if (!state) return;
  const parts = ['_parameters', '_buffers', '_modules'].map((part) => itemsOf(state.get(part)));
  if (parts.some(Boolean)) {
    for (const part of parts) if (part) yield* part;
  } else if (!items) {
    yield* state;
  }
}
