import { encodeSafetensors, FaceanimError, type HostTensor, sha256 } from '@faceanim/tensor';
import { aString, checkOptions, type OptionChecks, trueOrFalse } from '@faceanim/tensor/options';
import { type CheckpointSource, openCheckpoint } from '../checkpoints';
import { describeCheckpoint, type NetworkSummary } from '../networks/describe-checkpoint';
import { identifyArchitecture, networksByKind } from '../networks/known-architectures';
import { type LoadOptions, loadChecks } from '../networks/load-options';
import { readWeights } from '../networks/read-network';

/** Options of {@link importCheckpoint}. */
export interface ImportCheckpointOptions extends LoadOptions {
  /** Stores large tensors as 16-bit floats: half the size; images differ by about 1e-3. Default false. */
  half?: boolean;
  /** The licence of the network. Default: the one stated in the file, else what is known about such networks. */
  licence?: string;
}

/** A pack of files, as {@link importCheckpoint} returns it. */
export interface ImportedCheckpoint {
  /** Architecture of the network: `a StyleGAN2 generator`. */
  readonly network: string;
  /** What is known about its licence. */
  readonly licence: string;
  /** Files to write into one folder: the weights, `manifest.json`, `MODEL_CARD.md`. */
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/** The largest finite 16-bit float. */
const MAX_HALF = 65504;

const checks: OptionChecks<ImportCheckpointOptions> = { ...loadChecks, half: trueOrFalse, licence: aString };

/**
 * Converts a checkpoint to safetensors with a manifest and a model card, keeping only the network to use: `G_ema` of NVIDIA's
 * pickles, `g_ema` of rosinality's files, renamed to NVIDIA's names. The metadata hold the configuration, the manifest sizes
 * and hashes, the model card what is known about origin and licence. {@link loadGenerator} and the other loaders read the
 * result.
 *
 * @throws FaceanimError `weights-mismatch` for an unknown network; else as {@link openCheckpoint} does
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
  const [found] = networksByKind(checkpoint).flat();
  const part = summary.networks.find(({ prefix }) => prefix === found?.prefix) ?? summary.networks[0]!;
  const chosen = stated === undefined ? part : { ...part, licence: stated };
  const { prefix, tensors, config, licence } = chosen;
  const architecture = identifyArchitecture(tensors.keys());
  if (!architecture?.packFile) {
    throw new FaceanimError('weights-mismatch', `${file} holds no network that is known.`, {
      file,
      hint: 'describeCheckpoint lists what is in it.',
    });
  }
  const { name: network, packFile: name } = architecture;
  const weights = await readWeights({ architecture, prefix }, checkpoint);
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

/** Small tensors (biases, resampling filters, frequencies, statistics) keep full precision. */
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
| Trained on | unknown: please add |

Pass on the licence of the original with this folder: importing changes the format, not the terms.

## Configuration

\`\`\`json
${JSON.stringify(config, null, 2)}
\`\`\`
`;
}
