import type { ByteSource } from './byte-source';
import { corrupt } from './errors';
import { PickleObject } from './pickle';
import { isTensor } from './torch-tensor';

/** Containers nested deeper than this are no network. */
const MAX_DEPTH = 200;
/** Values looked at: shared containers could otherwise be walked exponentially often. */
const MAX_VALUES = 1_000_000;
/** Tensors: a shared one has as many names as there are ways to it. */
const MAX_TENSORS = 100_000;
/** Keys repeat and names grow with every level, so a small file could ask for names of gigabytes. */
const MAX_NAME = 4096;
/** Characters of all names together. */
const MAX_NAMES = 2 ** 24;

/** The items of a dict or of one of its subclasses; undefined for anything else. */
export function itemsOf(value: unknown): ReadonlyMap<unknown, unknown> | undefined {
  if (value instanceof Map) return value;
  if (!(value instanceof PickleObject)) return undefined;
  if (value.entries) return value.entries;
  if (!value.isFrom('collections.OrderedDict')) return undefined;
  // Python 2 hands the items over as a list of pairs. A shared dict is asked for often, so its items are kept with it.
  const pairs = Array.isArray(value.args[0]) ? value.args[0] : [];
  value.entries = new Map(pairs.filter((pair): pair is [unknown, unknown] => Array.isArray(pair)));
  return value.entries;
}

/** What a class of NVIDIA's `torch_utils.persistence` was pickled as: class name, state, source code. */
export function persistentMeta(value: unknown): ReadonlyMap<unknown, unknown> | undefined {
  if (!(value instanceof PickleObject)) return undefined;
  if (!value.isFrom('torch_utils.persistence._reconstruct_persistent_obj')) return undefined;
  return itemsOf(value.args[0]);
}

/**
 * Every tensor below `root` by its name, in order: the keys of dicts, the attributes of TorchScript modules, and of
 * pickled `nn.Module`s the parameters and buffers, joined by dots as in PyTorch's state dicts.
 *
 * @throws FaceanimError `checkpoint-corrupt` for containers nested or shared beyond reason.
 */
export function collectTensors(source: ByteSource, root: unknown): Map<string, PickleObject> {
  const tensors = new Map<string, PickleObject>();
  let values = 0;
  let characters = 0;
  // Counts everything that is looked at, also what is then left out.
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

/** A key as a part of a tensor's name; undefined for one that cannot be in a name. */
export function nameOf(key: unknown): string | undefined {
  return typeof key === 'string' || typeof key === 'number' ? String(key) : undefined;
}

/** What {@link collectTensors} goes on to from a value: the items of containers, the parts of modules. */
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
