import type { Checkpoint, CheckpointFormat, TensorEntry } from './checkpoints';
import { identifyNetwork } from './identify-network';
import { licenceHint } from './licences';

/** One network in a checkpoint. */
export interface NetworkSummary {
  /** What its tensors' names begin with: `G_ema.` and the like, or nothing. */
  readonly prefix: string;
  /** What kind of network it is, by its tensors: `a StyleGAN2 generator`; undefined if it is none that is known. */
  readonly network: string | undefined;
  /** Whether this is the network to take where a file holds several of a kind. */
  readonly preferred: boolean;
  /** Its init kwargs, as far as the file has them. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly tensors: ReadonlyMap<string, TensorEntry>;
  /** Numbers in all its tensors. */
  readonly parameters: number;
  /** Bytes of its tensors as 32-bit floats. */
  readonly weightBytes: number;
  /** Bytes it keeps while it is used, without activations: convolutions are kept forwards and backwards. */
  readonly loadedBytes: number;
  /** What is known about the licence of such networks. */
  readonly licence: string;
}

/** What {@link describeCheckpoint} finds out. */
export interface CheckpointSummary {
  readonly file: string;
  readonly format: CheckpointFormat;
  readonly byteLength: number;
  readonly metadata: Readonly<Record<string, string>>;
  readonly networks: readonly NetworkSummary[];
}

/** Tells what is in an open checkpoint, by names, shapes and configuration alone: no tensor is read. */
export function describeCheckpoint(checkpoint: Checkpoint): CheckpointSummary {
  const { file, format, byteLength, metadata, networks, tensors } = checkpoint;
  const keys = Object.keys(networks);
  const parts =
    keys.length > 0 ? keys.map((key) => [`${key}.`, networks[key]!.config] as const) : [['', {}] as const];
  return {
    ...{ file, format, byteLength, metadata },
    networks: parts.map(([prefix, config]) => {
      const own = new Map(
        [...tensors]
          .filter(([name]) => name.startsWith(prefix))
          .map(([name, tensor]) => [name.slice(prefix.length), tensor]),
      );
      const network = identifyNetwork(own.keys());
      const sizes = [...own.values()].map(({ shape }) => shape.reduce((a, b) => a * b, 1));
      const filters = [...own.values()].map(({ shape }, i) => (shape.length === 4 ? sizes[i]! : 0));
      const parameters = sum(sizes);
      return {
        ...{ prefix, network, config, parameters },
        preferred: prefix === '' || prefix === 'G_ema.',
        tensors: own,
        weightBytes: 4 * parameters,
        loadedBytes: 4 * (parameters + sum(filters)),
        licence: licenceHint(network),
      };
    }),
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0);
}
