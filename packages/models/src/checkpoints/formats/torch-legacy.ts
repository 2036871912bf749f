import { DTYPE_BYTES } from '@faceanim/tensor';
import { ByteReader } from '../bytes/byte-reader';
import type { ByteSource } from '../bytes/byte-source';
import { corrupt } from '../errors';
import type { FormatReader, ReaderOptions } from '../format';
import { type Pickle, unpickle } from '../torch/pickle';
import { readSavedObject } from '../torch/saved-object';
import { itemsOf } from '../torch/state-dict';
import {
  type FindStorage,
  parseStorageReference,
  type StorageReference,
  type TorchStorage,
} from '../torch/torch-tensor';

/** The number that the first pickle of a legacy file holds. */
const MAGIC = 0x1950a86a20f9469cfc6cn;

/**
 * Reads files of `torch.save` before 1.6 (`.pth`, `.pth.tar`): pickles of a magic number, the protocol version, facts about
 * the machine, the object and the keys of the storages, then each storage as its length and raw data.
 */
export const readTorchLegacy: FormatReader = async (source, options) => {
  const { pickle, findStorage } = await parseTorchLegacy(
    source,
    new ByteReader(source, 0, 65536, options.signal),
    options,
  );
  return {
    format: 'torch-legacy',
    ...(await readSavedObject(source, pickle.value, findStorage)),
  };
};

/** Reads a legacy file from the position of `reader`: a whole file, or the bytes of a pickled storage. */
export async function parseTorchLegacy(
  source: ByteSource,
  reader: ByteReader,
  options: ReaderOptions,
): Promise<{ pickle: Pickle; findStorage: FindStorage }> {
  const start = reader.position;
  if ((await unpickle(reader, options)).value !== MAGIC) {
    throw corrupt(source, 'torch’s magic number is missing.', { offset: start });
  }
  await unpickle(reader, options); // The protocol version; only one is in use.
  const machine = itemsOf((await unpickle(reader, options)).value);
  if (machine?.get('little_endian') === false)
    throw corrupt(source, 'it was written on a big-endian machine.');

  const pickle = await unpickle(reader, options);
  const references = new Map<string, StorageReference>();
  for (const id of pickle.persistentIds) {
    if (isModule(id.id)) continue;
    const reference = parseStorageReference(source, id);
    references.set(reference.key, reference);
  }

  const { value: keys } = await unpickle(reader, options);
  if (!Array.isArray(keys))
    throw corrupt(source, 'the list of storages is missing.', { offset: reader.position });
  const storages = new Map<string, TorchStorage>();
  for (const key of keys) {
    const reference = references.get(key);
    if (!reference)
      throw corrupt(source, 'a storage has no tensor, so its type is unknown.', { offset: reader.position });
    await reader.need(8);
    const length = reader.u64();
    if (length !== reference.length) {
      throw corrupt(source, `a storage has ${length} elements instead of ${reference.length}.`, {
        offset: reader.position - 8,
      });
    }
    storages.set(reference.key, { dtype: reference.dtype, offset: reader.position, length });
    reader.skip(length * DTYPE_BYTES[reference.dtype]);
  }

  const findStorage: FindStorage = async (id) => {
    const { key } = parseStorageReference(source, id);
    const storage = storages.get(key);
    if (!storage) throw corrupt(source, `the storage ${JSON.stringify(key)} is missing.`);
    return storage;
  };
  return { pickle, findStorage };
}

/** Whole modules saved by old torch refer to the source code of their classes by `('module', class, file, source)`. */
function isModule(id: unknown): boolean {
  return Array.isArray(id) && id[0] === 'module';
}
