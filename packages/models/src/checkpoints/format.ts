import type { ByteSource } from './bytes/byte-source';
import type { StoredTensor } from './tensor-entry';
import type { PickleLimits } from './torch/pickle';

/** How a network in a checkpoint was built, known for NVIDIA's modules that were pickled whole. */
export interface NetworkDescription {
  /** Name of its class in the checkpoint: `Generator` for both StyleGAN2 and StyleGAN3. */
  readonly className: string;
  /** Keyword arguments of its constructor. */
  readonly config: Readonly<Record<string, unknown>>;
}

/** The table of contents of a checkpoint. */
export interface CheckpointContents {
  readonly format: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly networks: Readonly<Record<string, NetworkDescription>>;
  readonly tensors: ReadonlyMap<string, StoredTensor>;
}

/** Options of every {@link FormatReader}. */
export interface ReaderOptions {
  readonly signal?: AbortSignal;
  readonly limits?: Partial<PickleLimits>;
}

/** Reads the table of contents of a checkpoint in one format, and no tensor. */
export type FormatReader = (source: ByteSource, options: ReaderOptions) => Promise<CheckpointContents>;
