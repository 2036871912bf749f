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
import { type CheckpointSource, openByteSource } from './byte-source';
import type { NetworkDescription } from './format';
import type { PickleLimits } from './pickle';
import { sniffFormat } from './sniff';
import { readStored, type StoredTensor, type TensorEntry } from './tensor-entry';

/** Options of {@link openCheckpoint}. */
export interface OpenCheckpointOptions {
  /** Aborts opening, and every later read. */
  signal?: AbortSignal;
  /** Told the fraction of the bytes asked for during each {@link Checkpoint.read} (`stage: 'load'`). */
  onProgress?: OnProgress;
  /** Bounds for pickles larger than any we know of. */
  limits?: Partial<PickleLimits>;
}

const checks: OptionChecks<OpenCheckpointOptions> = {
  signal: anAbortSignal,
  onProgress: aFunction,
  limits: bagOf<PickleLimits>({ operations: positiveNumber, text: positiveNumber }),
};

/** What {@link Checkpoint.read} reads. */
export interface ReadOptions {
  /** Only tensors whose names begin like this; it is taken away from the names. Default none. */
  prefix?: string;
  /** Only these tensors, by their names without `prefix`. Default all. */
  names?: Iterable<string>;
  /** Aborts the read. */
  signal?: AbortSignal;
}

/** A tensor as it is stored. */
export interface RawTensor {
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  /** Little-endian values in row-major order. */
  readonly data: Uint8Array;
}

/** A checkpoint whose table of contents was read; its tensors stay in the file until they are asked for. */
export interface Checkpoint extends AsyncDisposable {
  /** Name of the format: `safetensors`, `torch-zip`, `torch-legacy`, `torchscript`, `nvidia-pickle`, `npy`, …. */
  readonly format: string;
  /** Path or name of the file. */
  readonly file: string;
  /** Bytes in the file. */
  readonly byteLength: number;
  /** The metadata of safetensors; for torch files plain values beside the state dict (`epoch`, `arch`). */
  readonly metadata: Readonly<Record<string, string>>;
  /**
   * Modules of NVIDIA's that were pickled as a whole, by name (`G_ema` is the one to use; '' where the module is the whole
   * file); empty for files of tensors alone.
   */
  readonly networks: Readonly<Record<string, NetworkDescription>>;
  /** Every tensor by name. A `module.` that all names begin with is left away. */
  readonly tensors: ReadonlyMap<string, TensorEntry>;
  /**
   * Reads tensors as 32-bit floats, strides resolved: all, or those with a prefix, or those named.
   *
   * @throws FaceanimError `weights-mismatch` for names the file does not have and for integers, except single
   * counters, where floats are expected; `io` and `checkpoint-corrupt` where reading fails; `aborted`.
   */
  read(options?: ReadOptions): Promise<Weights>;
  /** Reads one tensor of any dtype as it is stored, strides resolved; throws like {@link Checkpoint.read}. */
  readTensor(name: string, options?: { signal?: AbortSignal }): Promise<RawTensor>;
}

/**
 * Opens a checkpoint by what it contains: safetensors, torch files (zip, legacy, TorchScript), NVIDIA's network
 * pickles, and arrays of NumPy (npy, npz). Pickles are read as data; nothing in them is run. The file is read in parts, never as a whole.
 *
 * @throws FaceanimError `io` where the file cannot be read, `checkpoint-corrupt` for a damaged or hostile file or
 * something that is no checkpoint, `weights-mismatch` for one without networks, `aborted`.
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
