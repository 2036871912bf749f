import type { OnProgress } from '@faceanim/core';
import {
  type Dtype,
  FaceanimError,
  type HostTensor,
  throwIfAborted,
  toFloat32,
  type Weights,
} from '@faceanim/tensor';
import {
  aFunction,
  anAbortSignal,
  bagOf,
  checkOptions,
  type OptionChecks,
  positiveNumber,
} from '@faceanim/tensor/options';
import { type CheckpointSource, openByteSource } from './bytes/byte-source';
import type { NetworkDescription } from './format';
import { sniffFormat } from './sniff';
import { readStored, type StoredTensor, type TensorEntry } from './tensor-entry';
import type { PickleLimits } from './torch/pickle';

/** Options of {@link openCheckpoint}. */
export interface OpenCheckpointOptions {
  /** Aborts opening and every later read. */
  signal?: AbortSignal;
  /** Called with the fraction of the bytes that have been read, during each {@link Checkpoint.read} (`stage: 'load'`). */
  onProgress?: OnProgress;
  /** Raises the limits for pickles that exceed them. */
  limits?: Partial<PickleLimits>;
}

const checks: OptionChecks<OpenCheckpointOptions> = {
  signal: anAbortSignal,
  onProgress: aFunction,
  limits: bagOf<PickleLimits>({ operations: positiveNumber, text: positiveNumber }),
};

/** Options of {@link Checkpoint.read}. */
export interface ReadOptions {
  /** Reads only tensors whose names begin with this, and removes it from the names. Default none. */
  prefix?: string;
  /** Reads only these tensors; names without `prefix`. Default all. */
  names?: Iterable<string>;
  /** Aborts the read. */
  signal?: AbortSignal;
}

/** A tensor with its stored dtype. */
export interface RawTensor {
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  /** Little-endian values in row-major order. */
  readonly data: Uint8Array;
}

/** An open checkpoint: its table of contents, and methods that read its tensors. */
export interface Checkpoint extends AsyncDisposable {
  /** Name of the format: `safetensors`, `torch-zip`, `torch-legacy`, `torchscript`, `nvidia-pickle`, `npy`, …. */
  readonly format: string;
  /** Path or name of the file. */
  readonly file: string;
  /** Size of the file in bytes. */
  readonly byteLength: number;
  /** The metadata of safetensors; for torch files, plain values beside the state dict (`epoch`, `arch`). */
  readonly metadata: Readonly<Record<string, string>>;
  /**
   * NVIDIA's modules that were pickled whole, by name (`G_ema` is the one to use; '' if the module is the whole file);
   * empty for files that hold only tensors.
   */
  readonly networks: Readonly<Record<string, NetworkDescription>>;
  /** Every tensor by name, without a `module.` that all names begin with. */
  readonly tensors: ReadonlyMap<string, TensorEntry>;
  /**
   * Reads tensors as contiguous 32-bit floats: all, those with a prefix, or those named.
   *
   * @throws FaceanimError `weights-mismatch` for names the file does not have and for integers, other than scalar
   * counters; `io` and `checkpoint-corrupt` if reading fails; `aborted`
   */
  read(options?: ReadOptions): Promise<Weights>;
  /** Reads one contiguous tensor of any dtype, without conversion; throws as {@link Checkpoint.read} does. */
  readTensor(name: string, options?: { signal?: AbortSignal }): Promise<RawTensor>;
}

/**
 * Opens a checkpoint of any format, recognised by content: safetensors, torch files (zip, legacy, TorchScript), NVIDIA's
 * network pickles, and NumPy arrays (npy, npz). Pickles are read as data; nothing in them is run. The file is read in parts,
 * never as a whole.
 *
 * @throws FaceanimError `io` if the file cannot be read, `checkpoint-corrupt` for a damaged or hostile file or one that is
 * no checkpoint, `weights-mismatch` for one without networks, `aborted`
 *
 * @example
 * await using checkpoint = await openCheckpoint('ffhq.pkl');
 * const weights = await checkpoint.read({ prefix: 'G_ema.' });
 */
export async function openCheckpoint(
  source: CheckpointSource,
  options: OpenCheckpointOptions = {},
): Promise<Checkpoint> {
  checkOptions('openCheckpoint', options, checks);
  throwIfAborted(options.signal);
  const bytes = await openByteSource(source);
  try {
    const reader = await sniffFormat(bytes, options.signal);
    const { format, metadata, networks, tensors } = await reader(bytes, options);
    const { file, size: byteLength } = bytes;

    const readTensor = async (name: string, { signal = options.signal } = {}): Promise<RawTensor> => {
      const tensor = tensors.get(name);
      if (!tensor) throw missing(file, [name], tensors);
      return { dtype: tensor.dtype, shape: tensor.shape, data: await readStored(bytes, tensor, signal) };
    };

    const read = async ({
      prefix = '',
      names,
      signal = options.signal,
    }: ReadOptions = {}): Promise<Weights> => {
      const chosen = choose(file, tensors, prefix, names);
      const total = chosen.reduce((sum, [, tensor]) => sum + tensor.byteLength, 0);
      const weights = new Map<string, HostTensor>();
      let done = 0;
      for (const [name, { shape, dtype, byteLength }] of chosen) {
        const { data } = await readTensor(name, { signal });
        weights.set(name.slice(prefix.length), { shape, data: toFloat32(data, dtype) });
        done += byteLength;
        options.onProgress?.({ stage: 'load', fraction: total === 0 ? 1 : done / total });
      }
      return weights;
    };

    return {
      ...{ format, file, byteLength, metadata, networks, tensors, read, readTensor },
      [Symbol.asyncDispose]: () => bytes.close(),
    };
  } catch (error) {
    await bytes.close();
    throw error;
  }
}

function choose(
  file: string,
  tensors: ReadonlyMap<string, StoredTensor>,
  prefix: string,
  names: Iterable<string> | undefined,
): [string, StoredTensor][] {
  const wanted = names
    ? [...names].map((name) => prefix + name)
    : [...tensors.keys()].filter((name) => name.startsWith(prefix));
  const absent = wanted.filter((name) => !tensors.has(name));
  if (absent.length > 0) throw missing(file, absent, tensors);
  if (wanted.length === 0 && prefix !== '') throw missing(file, [`${prefix}…`], tensors);
  const chosen = wanted.map((name): [string, StoredTensor] => [name, tensors.get(name)!]);
  const integers = chosen.filter(([, { dtype, shape }]) => !/F\d/.test(dtype) && shape.length > 0);
  if (integers.length > 0) {
    const list = integers.map(([name, { dtype }]) => `${name} (${dtype})`);
    throw new FaceanimError(
      'weights-mismatch',
      `${file}: expected floats, got integers: ${abridged(list)}.`,
      {
        file,
        hint: 'Quantised networks cannot be used: save the network as float32 or float16.',
      },
    );
  }
  return chosen;
}

function missing(file: string, names: string[], tensors: ReadonlyMap<string, unknown>): FaceanimError {
  const known = new Set([...tensors.keys()].map((name) => name.split('.', 1)[0]!));
  return new FaceanimError('weights-mismatch', `${file} has no tensor ${abridged(names)}.`, {
    file,
    hint: `Its tensors begin with ${abridged([...known])}; pass the checkpoint of the right network.`,
  });
}

function abridged(names: readonly string[], most = 20): string {
  return names.length <= most
    ? names.join(', ')
    : `${names.slice(0, most).join(', ')} and ${names.length - most} more`;
}
