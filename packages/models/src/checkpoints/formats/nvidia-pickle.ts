import { FaceanimError } from '@faceanim/tensor';
import { ByteReader } from '../bytes/byte-reader';
import type { ByteSource } from '../bytes/byte-source';
import { corrupt } from '../errors';
import type { FormatReader, ReaderOptions } from '../format';
import { describeNetworks } from '../torch/persistent-networks';
import { unpickle } from '../torch/pickle';
import { PickleBytes, PickleGlobal, PickleObject } from '../torch/pickle-records';
import { collectTensors, itemsOf } from '../torch/state-dict';
import { type FindStorage, locateTensors, type TorchStorage } from '../torch/torch-tensor';
import { parseTorchLegacy } from './torch-legacy';

/**
 * Reads network pickles of NVIDIA's stylegan2-ada-pytorch and stylegan3: a dict `{G, D, G_ema, …}` of modules wrapped by
 * `torch_utils.persistence`, whose storages are legacy torch files inside bytes objects. Names begin with the key of the
 * network (`G_ema.synthesis.b4.const`). Other plain pickles with torch tensors are read, too.
 */
export const readNvidiaPickle: FormatReader = async (source, options) => {
  const { value } = await unpickle(new ByteReader(source, 0, 65536, options.signal), options);
  const tensors = collectTensors(source, value);
  if (tensors.size === 0) throw noNetworks(source, value);
  const networks = Object.fromEntries(describeNetworks(value));
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

function noNetworks(source: ByteSource, value: unknown): FaceanimError {
  if (isTensorFlow(value)) {
    return new FaceanimError(
      'weights-mismatch',
      `${source.file} is a network pickle of a TensorFlow StyleGAN (G, D, Gs), which is not supported.`,
      {
        file: source.file,
        hint:
          'Convert it once with NVIDIA’s stylegan2-ada-pytorch: python legacy.py --source=OLD.pkl --dest=NEW.pkl, ' +
          'then pass NEW.pkl.',
      },
    );
  }
  return new FaceanimError(
    'weights-mismatch',
    `${source.file}: no G_ema in the pickle, nor any PyTorch tensor.`,
    {
      file: source.file,
      hint: 'Use a network pickle of stylegan2-ada-pytorch or stylegan3, such as ffhq.pkl.',
    },
  );
}

/** Whether the pickle is `(G, D, Gs)`, one of them, or a dict of them, as dnnlib's tflib wrote networks. */
function isTensorFlow(value: unknown): boolean {
  const items = Array.isArray(value) ? value : [...(itemsOf(value)?.values() ?? [value])];
  return items.slice(0, 8).some((item) => {
    if (!(item instanceof PickleObject)) return false;
    // Old protocols create objects by copyreg._reconstructor(class, …).
    return [item.callable, item.args[0]].some(
      (named) => named instanceof PickleGlobal && /(^|\.)(tflib|tfutil)\./.test(named.path),
    );
  });
}
