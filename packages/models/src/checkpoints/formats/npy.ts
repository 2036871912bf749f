import { DTYPE_BYTES, type Dtype } from '@faceanim/tensor';
import { ByteReader } from '../bytes/byte-reader';
import { type ByteSource, openByteSource } from '../bytes/byte-source';
import { type ArchiveEntry, locateData } from '../bytes/zip';
import { corrupt } from '../errors';
import type { FormatReader } from '../format';
import { MAX_AXES, type StoredTensor } from '../tensor-entry';

/** NumPy dtypes that are read, by their `descr`: little-endian or one byte. */
const dtypes: ReadonlyMap<string, Dtype> = new Map([
  ['<f8', 'F64'],
  ['<f4', 'F32'],
  ['<f2', 'F16'],
  ['<i8', 'I64'],
  ['<i4', 'I32'],
  ['<i2', 'I16'],
  ['|i1', 'I8'],
  ['<u8', 'U64'],
  ['<u4', 'U32'],
  ['<u2', 'U16'],
  ['|u1', 'U8'],
  ['|b1', 'BOOL'],
]);

const MAGIC = '\x93NUMPY';
/** Bytes that compressed arrays may take in memory, enough for thousands of latents of the largest generators. */
const MAX_INFLATED = 2 ** 28;
/** NumPy's limit, `max_header_size`. */
const MAX_HEADER = 10_000;

/** Reads one NumPy array (`np.save`), as a tensor with the name ''. */
export const readNpy: FormatReader = async (source, { signal }) => ({
  format: 'npy',
  metadata: {},
  networks: {},
  tensors: new Map([['', await locateArray(source, { offset: 0, length: source.size }, signal)]]),
});

/** Reads a zip archive of NumPy arrays (`np.savez`, `np.savez_compressed`), by name. */
export async function readNpz(
  source: ByteSource,
  archive: ReadonlyMap<string, ArchiveEntry>,
  signal?: AbortSignal,
) {
  const tensors = new Map<string, StoredTensor>();
  const packed = [...archive.values()].filter(({ stored }) => !stored);
  const claimed = packed.reduce((sum, { length }) => sum + length, 0);
  if (claimed > MAX_INFLATED) {
    throw corrupt(source, `its compressed arrays claim ${claimed} bytes.`, {
      hint: 'Save it with np.savez instead of np.savez_compressed: np.savez("w.npz", **np.load(FILE)).',
    });
  }
  for (const [name, entry] of archive) {
    const key = name.replace(/\.npy$/, '');
    if (!entry.stored) {
      const inflated = { ...(await openByteSource(await entry.inflate())), file: source.file };
      const place = { offset: 0, length: inflated.size };
      tensors.set(key, { ...(await locateArray(inflated, place, signal)), source: inflated });
      continue;
    }
    const place = await locateData(source, entry, signal);
    tensors.set(key, await locateArray(source, place, signal));
  }
  return { format: 'npz', metadata: {}, networks: {}, tensors };
}

/**
 * Finds the values of an array from its header: magic, version, length, and a Python dict as text
 * (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html).
 */
async function locateArray(
  source: ByteSource,
  { offset, length }: { offset: number; length: number },
  signal: AbortSignal | undefined,
): Promise<StoredTensor> {
  const inner: ByteSource = { ...source, size: offset + length };
  const reader = new ByteReader(inner, offset, 256, signal);
  const fail = (why: string, hint?: string) =>
    corrupt(source, `the NumPy array ${why}.`, { offset, ...(hint && { hint }) });
  await reader.need(12);
  if (reader.latin1(6) !== MAGIC) throw fail('has no header');
  const version = reader.u8();
  reader.skip(1);
  if (version < 1 || version > 3) throw fail(`is of the unknown version ${version}`);
  const size = version === 1 ? reader.u16() : reader.u32();
  if (size > MAX_HEADER) throw fail(`claims a header of ${size} bytes`);
  await reader.need(size);
  const header = reader.text(size);

  const descr = /'descr'\s*:\s*'([^']*)'/.exec(header)?.[1];
  const order = /'fortran_order'\s*:\s*(True|False)/.exec(header)?.[1];
  const sizes = /'shape'\s*:\s*\(([\d\s,]*)\)/.exec(header)?.[1];
  if (order === undefined || sizes === undefined) throw fail('has a header without shape or order');
  const dtype = dtypes.get(descr ?? '');
  if (!dtype) {
    const what = descr === undefined ? 'of several fields' : JSON.stringify(descr.slice(0, 20));
    const hint = 'Save it as float32 on a little-endian machine: np.save(FILE, w.astype("<f4")).';
    // Arrays of objects are pickles, which are never opened here.
    throw fail(`is of the type ${what}, which is not supported`, hint);
  }
  const shape = sizes.split(',').flatMap((text) => (text.trim() === '' ? [] : [Number(text)]));
  if (shape.length > MAX_AXES || !shape.every(Number.isSafeInteger)) throw fail('has an impossible shape');
  const elements = shape.reduce((product, axis) => product * axis, 1);
  const byteLength = elements * DTYPE_BYTES[dtype];
  const available = inner.size - reader.position;
  if (!(byteLength <= available)) {
    throw fail(`of shape [${shape.join(', ')}] takes ${byteLength} bytes, the file has ${available}`);
  }
  const strides = shape.map((_, axis) => shape.slice(0, axis).reduce((a, b) => a * b, 1));
  return { dtype, shape, byteLength, offset: reader.position, ...(order === 'True' && { strides }) };
}
