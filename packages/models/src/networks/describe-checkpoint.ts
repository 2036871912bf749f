import type { Checkpoint, TensorEntry } from '../checkpoints';
import { identifyArchitecture, networksByKind } from './known-architectures';
import { statedLicence } from './licences';

/** One network in a checkpoint. */
export interface NetworkSummary {
  /** What the names of its tensors begin with: `G_ema.` and the like, or nothing. */
  readonly prefix: string;
  /** Its architecture, recognised by its tensors: `a StyleGAN2 generator`; undefined if unknown. */
  readonly network: string | undefined;
  /** Whether this is the network to use if the file holds several of its kind. */
  readonly preferred: boolean;
  /** Its init kwargs, as far as the file stores them. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly tensors: ReadonlyMap<string, TensorEntry>;
  /** Number of values in all its tensors. */
  readonly parameters: number;
  /** Bytes of its tensors as 32-bit floats. */
  readonly weightBytes: number;
  /** Bytes in use once it is loaded, without activations: filters are kept twice, for the forward and the backward pass. */
  readonly loadedBytes: number;
  /** The licence stated in the metadata of the file, else what is known about such networks. */
  readonly licence: string;
}

/** What a checkpoint holds, as {@link describeCheckpoint} returns it. */
export interface CheckpointSummary {
  readonly file: string;
  /** Name of the format: `safetensors`, `torch-zip`, …. */
  readonly format: string;
  readonly byteLength: number;
  readonly metadata: Readonly<Record<string, string>>;
  readonly networks: readonly NetworkSummary[];
}

/** Describes the networks in an open checkpoint by names, shapes and configuration; reads no tensor. */
export function describeCheckpoint(checkpoint: Checkpoint): CheckpointSummary {
  const { file, format, byteLength, metadata } = checkpoint;
  const found = networksByKind(checkpoint);
  const preferred = new Set(found.map(([first]) => first!.prefix));
  const parts = partsOf(checkpoint, new Set(found.flat().map(({ prefix }) => prefix)));
  const stated = statedLicence(metadata);
  return {
    ...{ file, format, byteLength, metadata },
    networks: parts.map(({ prefix, config, tensors }) => {
      const architecture = identifyArchitecture(tensors.keys());
      const sizes = [...tensors].map(([name, { shape }]) => {
        const size = shape.reduce((a, b) => a * b, 1);
        return { size, filters: name.endsWith('weight') && shape.length > 3 ? size : 0 };
      });
      const parameters = sum(sizes.map(({ size }) => size));
      return {
        ...{ prefix, network: architecture?.name, config, parameters, tensors },
        preferred: parts.length === 1 || preferred.has(prefix),
        weightBytes: 4 * parameters,
        loadedBytes: 4 * (parameters + sum(sizes.map(({ filters }) => filters))),
        licence: stated ?? architecture?.licence ?? 'Unknown: ask whoever published the file.',
      };
    }),
  };
}

type Part = Pick<NetworkSummary, 'prefix' | 'config' | 'tensors'>;

/** The networks that a file names, else those found in it, by their prefixes, and whatever is beside them. */
function partsOf({ networks, tensors }: Checkpoint, found: ReadonlySet<string>): Part[] {
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
  const prefixes = [...found];
  const parts = prefixes.map((prefix): Part => ({ prefix, config: {}, tensors: below(prefix) }));
  const others = [...tensors].filter(([name]) => !prefixes.some((prefix) => name.startsWith(prefix)));
  // In rosinality's layout the mean latent lies beside the generator.
  if (parts.length === 0 || others.some(([name]) => !/(^|\.)latent_avg$/.test(name))) {
    parts.push({ prefix: '', config: {}, tensors: new Map(others) });
  }
  return parts;
}

function sum(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0);
}
