import { DTYPE_BYTES, type Dtype } from '@faceanim/tensor';
import type { ByteSource } from '../bytes/byte-source';
import { corrupt } from '../errors';
import { extent, isRowMajor, MAX_AXES, type StoredTensor } from '../tensor-entry';
import { PersistentId, PickleGlobal, PickleObject } from './pickle-records';

/** A block of elements in the file; tensors are views of it. */
export interface TorchStorage {
  readonly dtype: Dtype;
  /** Offset of its first element in the file. */
  readonly offset: number;
  /** Number of elements. */
  readonly length: number;
}

/** Finds the storage that a tensor refers to; how depends on the file format. */
export type FindStorage = (reference: unknown) => Promise<TorchStorage>;

/** What a persistent id of torch says about a storage. */
export interface StorageReference {
  readonly dtype: Dtype;
  readonly key: string;
  readonly length: number;
}

const storageDtypes: ReadonlyMap<string, Dtype> = new Map([
  ['DoubleStorage', 'F64'],
  ['FloatStorage', 'F32'],
  ['HalfStorage', 'F16'],
  ['BFloat16Storage', 'BF16'],
  ['LongStorage', 'I64'],
  ['IntStorage', 'I32'],
  ['ShortStorage', 'I16'],
  ['CharStorage', 'I8'],
  ['ByteStorage', 'U8'],
  ['UntypedStorage', 'U8'],
  ['BoolStorage', 'BOOL'],
]);

/** The dtype argument of `_rebuild_tensor_v3`, for types without a storage class. */
const torchDtypes: ReadonlyMap<string, Dtype> = new Map([
  ['uint16', 'U16'],
  ['uint32', 'U32'],
  ['uint64', 'U64'],
]);

/** Functions that wrap a tensor, and the index of the argument that holds it. */
const wrappers = new Map([
  ['torch._utils._rebuild_parameter', 0],
  ['torch._utils._rebuild_parameter_with_state', 0],
  // (function, type, arguments, state) wraps function(*arguments).
  ['torch._tensor._rebuild_from_type_v2', 2],
]);

/** Whether a pickled value stands for a tensor. */
export function isTensor(value: unknown): value is PickleObject {
  if (!(value instanceof PickleObject) || !(value.callable instanceof PickleGlobal)) return false;
  return wrappers.has(value.callable.path) || /^torch\._utils\._rebuild_\w*tensor/.test(value.callable.path);
}

/**
 * Finds tensors in the file.
 *
 * @throws FaceanimError `checkpoint-corrupt` if sizes, strides or a storage are impossible, if a tensor is quantised, sparse
 * or complex, or if the tensors claim far more than the file holds
 */
export async function locateTensors(
  source: ByteSource,
  tensors: ReadonlyMap<string, PickleObject>,
  findStorage: FindStorage,
): Promise<Map<string, StoredTensor>> {
  // Views may share or repeat elements of a storage, so the sum may exceed the file, within reason.
  const limit = 4 * Math.max(source.size, 2 ** 24);
  const located = new Map<string, StoredTensor>();
  // A tensor may have many names; it is looked up once.
  const known = new Map<PickleObject, StoredTensor>();
  let total = 0;
  for (const [name, value] of tensors) {
    const tensor = known.get(value) ?? (await locateTensor(source, name, value, findStorage));
    known.set(value, tensor);
    total += tensor.byteLength;
    if (!(total <= limit))
      throw corrupt(source, `tensor ${JSON.stringify(name)} claims more than the file holds.`);
    located.set(name, tensor);
  }
  return located;
}

/**
 * Parses a persistent id of torch, `('storage', class, key, device, length)`.
 *
 * @throws FaceanimError `checkpoint-corrupt` for anything else and for unsupported dtypes
 */
export function parseStorageReference(source: ByteSource, reference: unknown): StorageReference {
  const id = reference instanceof PersistentId ? reference.id : undefined;
  const [kind, type, key, , length, view] = Array.isArray(id) ? id : [];
  if (kind !== 'storage' || !(type instanceof PickleGlobal) || typeof key !== 'string' || !isSize(length)) {
    throw corrupt(source, 'a tensor refers to no storage.');
  }
  const dtype = storageDtypes.get(type.name);
  if (!dtype) {
    throw corrupt(source, `a tensor is of the type ${type.path}, which cannot be read.`, {
      hint: 'Convert the network to float32 (model.float()) and save its state dict.',
    });
  }
  if (view != null)
    throw corrupt(source, 'a storage is a view of another one, as in files of torch before 0.4.');
  return { dtype, key, length };
}

async function locateTensor(
  source: ByteSource,
  name: string,
  value: PickleObject,
  findStorage: FindStorage,
): Promise<StoredTensor> {
  const fail = (why: string) => corrupt(source, `tensor ${JSON.stringify(name)} ${why}.`);
  const { callable, args } = unwrap(value);
  const path = callable instanceof PickleGlobal ? callable.path : 'unknown';
  if (!/_rebuild_tensor(_v2|_v3)?$/.test(path)) throw fail(`is of a kind that cannot be read (${path})`);

  const [reference, first, shape, strides] = args;
  let storage = await findStorage(reference);
  if (path.endsWith('_v3')) storage = retype(storage, args[6], fail);
  if (!isSize(first) || !isSizes(shape) || !isSizes(strides) || shape.length !== strides.length) {
    throw fail('has impossible sizes, strides or offset');
  }
  const elements = shape.reduce((product, size) => product * size, 1);
  const last = elements === 0 ? 0 : first + extent(shape, strides);
  if (!(last <= storage.length)) {
    throw fail(`of shape [${shape.join(', ')}] reaches element ${last} of a storage of ${storage.length}`);
  }
  const width = DTYPE_BYTES[storage.dtype];
  const rowMajor = isRowMajor(shape, strides);
  return {
    dtype: storage.dtype,
    shape,
    byteLength: elements * width,
    offset: storage.offset + first * width,
    ...(rowMajor ? {} : { strides }),
  };
}

/** The tensor inside parameters and subclasses; only a few layers, since a pickle may nest them without end. */
function unwrap(value: PickleObject): PickleObject {
  let tensor = value;
  for (let layers = 0; layers < 4 && tensor.callable instanceof PickleGlobal; layers++) {
    const wrapped = tensor.args[wrappers.get(tensor.callable.path) ?? -1];
    if (Array.isArray(wrapped)) tensor = new PickleObject(tensor.args[0], wrapped);
    else if (wrapped instanceof PickleObject) tensor = wrapped;
    else break;
  }
  return tensor;
}

function retype(storage: TorchStorage, type: unknown, fail: (why: string) => Error): TorchStorage {
  const name = type instanceof PickleGlobal ? type.name : '';
  const dtype = torchDtypes.get(name);
  if (!dtype) throw fail(`is of the dtype ${name}, which cannot be read`);
  return {
    ...storage,
    dtype,
    length: Math.floor((storage.length * DTYPE_BYTES[storage.dtype]) / DTYPE_BYTES[dtype]),
  };
}

function isSize(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.length <= MAX_AXES && value.every(isSize);
}
