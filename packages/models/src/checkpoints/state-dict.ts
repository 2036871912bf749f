import { FaceanimError } from '@faceanim/core';
import type { ByteSource } from './byte-source';
import { corrupt } from './errors';
import { PickleObject } from './pickle';
import type { StoredTensor } from './tensor-entry';
import { type FindStorage, isTensor, locateTensors } from './torch-tensor';

/** Containers nested deeper than this are no network. */
const MAX_DEPTH = 200;
/** Values looked at: shared containers could otherwise be walked exponentially often. */
const MAX_VALUES = 1_000_000;
/** Keys repeat and names grow with every level, so a small file could ask for names of gigabytes. */
const MAX_NAME = 4096;

/** The key that training scripts keep the state dict under. */
const stateDictKeys = ['state_dict', 'model_state_dict', 'model'];

/** The items of a dict or of one of its subclasses; undefined for anything else. */
export function itemsOf(value: unknown): ReadonlyMap<unknown, unknown> | undefined {
  if (value instanceof Map) return value;
  if (!(value instanceof PickleObject)) return undefined;
  if (value.entries) return value.entries;
  if (!value.isFrom('collections.OrderedDict')) return undefined;
  // Python 2 hands the items over as a list of pairs.
  const pairs = Array.isArray(value.args[0]) ? value.args[0] : [];
  return new Map(pairs.filter((pair): pair is [unknown, unknown] => Array.isArray(pair)));
}

/** What a class of NVIDIA's `torch_utils.persistence` was pickled as: class name, state, source code. */
export function persistentMeta(value: unknown): ReadonlyMap<unknown, unknown> | undefined {
  if (!(value instanceof PickleObject)) return undefined;
  if (!value.isFrom('torch_utils.persistence._reconstruct_persistent_obj')) return undefined;
  return itemsOf(value.args[0]);
}

/** The tensors of what a training script saved with torch, and the plain values beside them; `weights-mismatch` for none. */
export async function locateStateDict(
  source: ByteSource,
  root: unknown,
  findStorage: FindStorage,
): Promise<{ tensors: Map<string, StoredTensor>; metadata: Record<string, string> }> {
  const { value, metadata } = findStateDict(root);
  const tensors = stripModule(collectTensors(source, value));
  if (tensors.size === 0) {
    throw new FaceanimError('weights-mismatch', `${source.file} holds no tensor.`, {
      file: source.file,
      hint: 'Save the state dict of the network: torch.save(network.state_dict(), file).',
    });
  }
  return { tensors: await locateTensors(source, tensors, findStorage), metadata };
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
  const walk = (value: unknown, name: string, depth: number): void => {
    if (++values > MAX_VALUES) throw corrupt(source, `the pickle holds more than ${MAX_VALUES} values.`);
    if (depth > MAX_DEPTH) throw corrupt(source, `the pickle is nested more than ${MAX_DEPTH} levels deep.`);
    if (isTensor(value)) {
      if (tensors.has(name)) throw corrupt(source, `two tensors have the name ${JSON.stringify(name)}.`);
      tensors.set(name, value);
      return;
    }
    for (const [key, child] of childrenOf(value)) {
      const part = nameOf(key);
      if (part === undefined) continue;
      if (name.length + part.length > MAX_NAME) throw corrupt(source, 'the pickle has endless names.');
      walk(child, name === '' ? part : `${name}.${part}`, depth + 1);
    }
  };
  walk(root, '', 0);
  return tensors;
}

/**
 * The state dict inside what a training script saved (`{epoch, arch, state_dict, …}`, also nested), or the value
 * itself, and the plain values that stood beside it.
 */
function findStateDict(root: unknown): { value: unknown; metadata: Record<string, string> } {
  const metadata: [string, string][] = [];
  let value = root;
  for (let depth = 0; depth < MAX_DEPTH; depth++) {
    const items = itemsOf(value);
    if (!items || [...items.values()].some(isTensor)) break;
    for (const [key, item] of items) {
      if (typeof key === 'string' && ['string', 'number', 'boolean'].includes(typeof item)) {
        metadata.push([key, String(item)]);
      }
    }
    const key = stateDictKeys.find((name) => typeof items.get(name) === 'object' && items.get(name) !== null);
    if (key === undefined) break;
    value = items.get(key);
  }
  return { value, metadata: Object.fromEntries(metadata) };
}

/** Takes `module.`, which DataParallel puts in front of every name, away. */
function stripModule<T>(tensors: ReadonlyMap<string, T>): Map<string, T> {
  const prefix = 'module.';
  if (![...tensors.keys()].every((name) => name.startsWith(prefix))) return new Map(tensors);
  return new Map([...tensors].map(([name, tensor]) => [name.slice(prefix.length), tensor]));
}

function nameOf(key: unknown): string | undefined {
  return typeof key === 'string' || typeof key === 'number' ? String(key) : undefined;
}

function* childrenOf(value: unknown): Iterable<readonly [unknown, unknown]> {
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
