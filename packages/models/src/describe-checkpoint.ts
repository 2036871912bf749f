import type { Checkpoint, CheckpointFormat, TensorEntry } from './checkpoints';
import { findGenerators } from './generators/find-generator';
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
  /** The licence that the metadata of the file state, else what is known about such networks. */
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
  const { file, format, byteLength, metadata } = checkpoint;
  const chosen = findGenerators(checkpoint)[0]?.prefix;
  const parts = partsOf(checkpoint);
  return {
    ...{ file, format, byteLength, metadata },
    networks: parts.map(({ prefix, config, tensors }) => {
      const network = identifyNetwork(tensors.keys());
      const sizes = [...tensors].map(([name, { shape }]) => {
        const size = shape.reduce((a, b) => a * b, 1);
        return { size, filters: name.endsWith('weight') && shape.length > 3 ? size : 0 };
      });
      const parameters = sum(sizes.map(({ size }) => size));
      return {
        ...{ prefix, network, config, parameters, tensors },
        preferred: parts.length === 1 || (network !== undefined && prefix === chosen),
        weightBytes: 4 * parameters,
        loadedBytes: 4 * (parameters + sum(sizes.map(({ filters }) => filters))),
        licence: licenceHint(network, metadata),
      };
    }),
  };
}

type Part = Pick<NetworkSummary, 'prefix' | 'config' | 'tensors'>;

/** The networks that a file names, else the generators in it and what is beside them, else everything as one. */
function partsOf(checkpoint: Checkpoint): Part[] {
  const { networks, tensors } = checkpoint;
  const below = (prefix: string) =>
    new Map(
      [...tensors]
        .filter(([name]) => name.startsWith(prefix))
        .map(([name, tensor]) => [name.slice(prefix.length), tensor]),
    );
  const named = Object.entries(networks).map(([key, { config }]): Part => {
    const prefix = key && `${key}.`;
    return { prefix, config, tensors: below(prefix) };
  });
  if (named.length > 0) return named;
  const prefixes = [...new Set(findGenerators(checkpoint).map(({ prefix }) => prefix))];
  const parts = prefixes.map((prefix): Part => ({ prefix, config: {}, tensors: below(prefix) }));
  const others = [...tensors].filter(([name]) => !prefixes.some((prefix) => name.startsWith(prefix)));
  // The mean latent that rosinality's layout has beside the generator is no network.
  if (parts.length === 0 || others.some(([name]) => !/(^|\.)latent_avg$/.test(name))) {
    parts.push({ prefix: '', config: {}, tensors: new Map(others) });
  }
  return parts;
}

function sum(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0);
}
