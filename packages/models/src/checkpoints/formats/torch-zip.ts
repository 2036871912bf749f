import { DTYPE_BYTES, FaceanimError } from '@faceanim/tensor';
import { ByteReader } from '../bytes/byte-reader';
import type { ByteSource } from '../bytes/byte-source';
import { type ArchiveEntry, locateData, openArchive } from '../bytes/zip';
import { corrupt } from '../errors';
import type { FormatReader } from '../format';
import { unpickle } from '../torch/pickle';
import { readSavedObject } from '../torch/saved-object';
import { type FindStorage, parseStorageReference } from '../torch/torch-tensor';
import { readNpz } from './npy';

/**
 * Reads zip archives of `torch.save` since 1.6 and of TorchScript: `NAME/data.pkl` holds the object, `NAME/data/KEY` each
 * storage, uncompressed. TorchScript's code and constants are ignored. NumPy's archives are handed to {@link readNpz}.
 */
export const readTorchZip: FormatReader = async (source, options) => {
  const { signal } = options;
  const archive = await openArchive(source, signal);
  const names = [...archive.keys()];
  if (names.length > 0 && names.every((name) => name.endsWith('.npy'))) {
    return readNpz(source, archive, signal);
  }
  const root = findRoot(source, archive);
  const entry = (name: string): ArchiveEntry => {
    const found = archive.get(root + name);
    if (!found) throw corrupt(source, `the archive has no ${JSON.stringify(root + name)}.`);
    return found;
  };

  if (archive.has(`${root}byteorder`)) {
    const { offset, length } = await locateData(source, entry('byteorder'), signal);
    const order = new TextDecoder().decode(await source.read(offset, Math.min(length, 16), signal));
    if (order !== 'little')
      throw corrupt(source, `its byte order is ${JSON.stringify(order)} instead of little.`);
  }

  const place = await locateData(source, entry('data.pkl'), signal);
  const inner: ByteSource = { ...source, size: place.offset + place.length };
  const { value } = await unpickle(new ByteReader(inner, place.offset, 65536, signal), options);

  const findStorage: FindStorage = async (id) => {
    const { key, dtype, length } = parseStorageReference(source, id);
    const data = await locateData(source, entry(`data/${key}`), signal);
    if (data.length < length * DTYPE_BYTES[dtype]) {
      const why = `the storage ${JSON.stringify(key)} has ${data.length} bytes for ${length} elements of ${dtype}.`;
      throw corrupt(source, why, { offset: data.offset });
    }
    return { dtype, offset: data.offset, length };
  };
  const isScript = archive.has(`${root}constants.pkl`);
  return {
    format: isScript ? 'torchscript' : 'torch-zip',
    ...(await readSavedObject(source, value, findStorage)),
  };
};

/** The folder that holds data.pkl, with a slash at the end. */
function findRoot(source: ByteSource, archive: ReadonlyMap<string, ArchiveEntry>): string {
  const pickles = [...archive.keys()].filter((name) => /^([^/]+\/)?data\.pkl$/.test(name));
  if (pickles.length === 1) return pickles[0]!.slice(0, -'data.pkl'.length);
  const names = [...archive.keys()].slice(0, 3).join(', ') || 'nothing';
  throw new FaceanimError(
    'weights-mismatch',
    `${source.file} is a zip archive without a PyTorch network; it holds ${names}.`,
    {
      file: source.file,
      hint: 'Unpack it and pass the .pt, .pth or .pkl file inside.',
    },
  );
}
