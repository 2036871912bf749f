import { FaceanimError } from '@faceanim/core';
import { ByteReader } from './byte-reader';
import type { ByteSource } from './byte-source';
import { corrupt } from './errors';
import type { FormatReader, NetworkDescription, ReaderOptions } from './format';
import { PickleBytes, PickleGlobal, PickleObject, unpickle } from './pickle';
import { plainData } from './plain-data';
import { collectTensors, itemsOf, persistentMeta } from './state-dict';
import { parseTorchLegacy } from './torch-legacy';
import { type FindStorage, locateTensors, type TorchStorage } from './torch-tensor';

/**
 * Network pickles of NVIDIA's stylegan2-ada-pytorch and stylegan3: a dict `{G, D, G_ema, …}` of modules wrapped by
 * `torch_utils.persistence`, whose storages are legacy torch files inside bytes objects. Names begin with the
 * network's key (`G_ema.synthesis.b4.const`). Other plain pickles with torch tensors are read as well.
 */
export const readNvidiaPickle: FormatReader = async (source, options) => {
  const { value } = await unpickle(new ByteReader(source, 0, 65536, options.signal), options);
  const tensors = collectTensors(source, value);
  if (tensors.size === 0) throw noNetworks(source, value);
  const networks = describeNetworks(value);
  return {
    format: Object.keys(networks).length > 0 ? 'nvidia-pickle' : 'pickle',
    metadata: {},
    networks,
    tensors: await locateTensors(source, tensors, pickledStorages(source, options)),
  };
};

/** Finds storages that were pickled as `torch.storage._load_from_bytes(bytes)`. */
function pickledStorages(source: ByteSource, options: ReaderOptions): FindStorage {
  const known = new Map<number, TorchStorage>();
  return async (reference) => {
    const bytes =
      reference instanceof PickleObject && reference.isFrom('torch.storage._load_from_bytes')
        ? reference.args[0]
        : undefined;
    if (!(bytes instanceof PickleBytes)) throw corrupt(source, 'a tensor refers to no storage.');
    const { offset, length } = bytes;
    let storage = known.get(offset);
    if (!storage) {
      const inner: ByteSource = { ...source, size: offset + length };
      const reader = new ByteReader(inner, offset, 4096, options.signal);
      const { pickle, findStorage } = await parseTorchLegacy(inner, reader, options);
      storage = await findStorage(pickle.value);
      known.set(offset, storage);
    }
    return storage;
  };
}

function describeNetworks(root: unknown): Record<string, NetworkDescription> {
  const networks: [string, NetworkDescription][] = [];
  for (const [key, value] of itemsOf(root) ?? []) {
    const meta = persistentMeta(value);
    if (!meta || typeof key !== 'string') continue;
    const className = meta.get('class_name');
    const config = plainData(itemsOf(meta.get('state'))?.get('_init_kwargs') ?? null);
    networks.push([
      key,
      {
        className: typeof className === 'string' ? className : 'unknown',
        config: typeof config === 'object' && config !== null ? (config as Record<string, unknown>) : {},
      },
    ]);
  }
  return Object.fromEntries(networks);
}

function noNetworks(source: ByteSource, value: unknown): FaceanimError {
  const first = Array.isArray(value) ? value[0] : value;
  const path =
    first instanceof PickleObject && first.callable instanceof PickleGlobal ? first.callable.path : '';
  const why = 'no G_ema in the pickle, nor any tensor of PyTorch';
  return new FaceanimError('weights-mismatch', `${source.file}: ${why}.`, {
    file: source.file,
    hint: path.includes('tflib')
      ? 'This is a network of TensorFlow: convert it with legacy.py of stylegan2-ada-pytorch.'
      : 'Use a network pickle of stylegan2-ada-pytorch or stylegan3, such as ffhq.pkl.',
  });
}
