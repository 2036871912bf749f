import type { ByteSource } from './byte-source';
import type { PickleLimits } from './pickle';
import type { StoredTensor } from './tensor-entry';

/** Formats of checkpoints that are told apart. */
export type CheckpointFormat =
  | 'safetensors'
  | 'torch-zip'
  | 'torch-legacy'
  | 'torchscript'
  | 'nvidia-pickle'
  | 'pickle'
  | 'npy'
  | 'npz';

/** A network in a checkpoint that tells how it was built: a module of NVIDIA's, pickled as a whole. */
export interface NetworkDescription {
  /** Name of its class, as the checkpoint gives it: `Generator` for StyleGAN2 and StyleGAN3 alike. */
  readonly className: string;
  /** Its constructor's keyword arguments. */
  readonly config: Readonly<Record<string, unknown>>;
}

/** What a reader of one format finds out without reading a tensor. */
export interface CheckpointContents {
  readonly format: CheckpointFormat;
  readonly metadata: Readonly<Record<string, string>>;
  readonly networks: Readonly<Record<string, NetworkDescription>>;
  readonly tensors: ReadonlyMap<string, StoredTensor>;
}

/** Options of every reader. */
export interface ReaderOptions {
  readonly signal?: AbortSignal;
  readonly limits?: Partial<PickleLimits>;
}

/** Reads the table of contents of a checkpoint of one format. */
export type FormatReader = (source: ByteSource, options: ReaderOptions) => Promise<CheckpointContents>;
