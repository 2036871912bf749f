import type { OnProgress } from '@faceanim/core';
import { encodeSafetensors, FaceanimError, type HostTensor, sha256 } from '@faceanim/tensor';
import {
  aFunction,
  anAbortSignal,
  aText,
  checkOptions,
  type OptionChecks,
  trueOrFalse,
} from '@faceanim/tensor/options';
import { type CheckpointSource, openCheckpoint } from '../checkpoints';
import { describeCheckpoint, type NetworkSummary } from '../describe-checkpoint';
import { readGenerator } from '../generators/find-generator';

/** Options of {@link importCheckpoint}. */
export interface ImportCheckpointOptions {
  /** Stores large tensors as 16-bit floats: half the size, images differ by about 1e-3. Default false. */
  half?: boolean;
  /** The licence of the network, where the caller knows it. Default: what the file states, or what is known of its kind. */
  licence?: string;
  signal?: AbortSignal;
  onProgress?: OnProgress;
}

/** What {@link importCheckpoint} makes of a checkpoint. */
export interface ImportedCheckpoint {
  /** The kind of network, and what is known about its licence. */
  readonly network: string;
  readonly licence: string;
  /** Files to be written into one folder: the weights, `manifest.json`, `MODEL_CARD.md`. */
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/** Name of the file of weights by what is in it. */
const fileNames: readonly [RegExp, string][] = [
  [/generator/, 'generator.safetensors'],
  [/discriminator/, 'discriminator.safetensors'],
  [/^FAN$/, 'fan.safetensors'],
  [/trunk|Net|student/, 'lpips-trunk.safetensors'],
  [/^LPIPS heads$/, 'lpips-heads.safetensors'],
];

/** The largest finite 16-bit float. */
const MAX_HALF = 65504;

const checks: OptionChecks<ImportCheckpointOptions> = {
  half: trueOrFalse,
  licence: aText,
  signal: anAbortSignal,
  onProgress: aFunction,
};

/**
 * Makes a small pack of a checkpoint: the one network to use (`G_ema` of NVIDIA's pickles, `g_ema` of rosinality's files,
 * under the names of NVIDIA's) as safetensors with its configuration in the metadata, a manifest with sizes and hashes, and a model card that says what is known about
 * origin and licence. `loadGenerator`, `loadFan` and `loadLpips` read the file of weights.
 *
 * @throws FaceanimError `weights-mismatch` for a network that is not known; else as {@link openCheckpoint} does
 */
export async function importCheckpoint(
  source: CheckpointSource,
  given: ImportCheckpointOptions = {},
): Promise<ImportedCheckpoint> {
  checkOptions('importCheckpoint', given, checks);
  const { half = false, licence: stated, ...options } = given;
  await using checkpoint = await openCheckpoint(source, options);
  const { file, format } = checkpoint;
  const summary = describeCheckpoint(checkpoint);
  const found = summary.networks.find(({ preferred }) => preferred) ?? summary.networks[0]!;
  const chosen = stated === undefined ? found : { ...found, licence: stated };
  const { prefix, network, config, licence } = chosen;
  const name = fileNames.find(([pattern]) => pattern.test(network ?? ''))?.[1];
  if (!network || !name) {
    throw new FaceanimError('weights-mismatch', `${file} holds no network that is known.`, {
      file,
      hint: 'faceanim inspect --tensors lists what is in it.',
    });
  }
  const generator = /generator/.test(network);
  const weights = generator ? (await readGenerator(checkpoint)).weights : await checkpoint.read({ prefix });
  const stored = [...weights].map(
    ([name, tensor]) => [name, { ...tensor, dtype: dtypeOf(tensor, half) }] as const,
  );
  const bytes = encodeSafetensors(stored, {
    ...summary.metadata,
    network,
    licence,
    ...(Object.keys(config).length > 0 && { config: JSON.stringify(config) }),
  });
  const origin = {
    file: file.split(/[\\/]/).at(-1)!,
    format,
    network: prefix.replace(/\.$/, '') || undefined,
  };
  const listed = { bytes: bytes.byteLength, sha256: await sha256(bytes) };
  const manifest = { files: { [name]: listed }, network, source: origin, licence };
  const text = (content: string) => new TextEncoder().encode(content);
  return {
    network,
    licence,
    files: new Map([
      [name, bytes],
      ['manifest.json', text(`${JSON.stringify(manifest, null, 2)}\n`)],
      ['MODEL_CARD.md', text(modelCard(chosen, name, origin.file, half))],
    ]),
  };
}

/** Small tensors (biases, resampling filters, frequencies, statistics) stay as they are. */
function dtypeOf({ data }: HostTensor, half: boolean): 'F16' | 'F32' {
  const fits = half && data.length >= 4096 && data.every((v) => Math.abs(v) <= MAX_HALF);
  return fits ? 'F16' : 'F32';
}

function modelCard(
  { network, licence, parameters, config }: NetworkSummary,
  name: string,
  origin: string,
  half: boolean,
): string {
  return `# Model card: ${name}

| | |
|---|---|
| Network | ${network}, ${(parameters / 1e6).toFixed(1)} million parameters${half ? ', large tensors as 16-bit floats' : ''} |
| Imported from | ${origin} |
| Licence | ${licence} |
| Trained on | not known: please add |

Whoever passes this folder on must pass the licence of the original on as well: importing changes the format, not the
terms.

## Configuration

\`\`\`json
${JSON.stringify(config, null, 2)}
\`\`\`
`;
}
