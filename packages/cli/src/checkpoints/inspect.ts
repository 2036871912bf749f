import { type CheckpointSummary, describeCheckpoint, type NetworkSummary } from '@faceanim/models';
import { openCheckpoint } from '@faceanim/models/checkpoints';
import { checkInputs } from '../files/inputs';
import { commandLine } from '../terminal/command-line';
import { counted } from '../terminal/counted';
import { printable, printableJson } from '../terminal/printable';
import { describeLatents, type LatentsSummary } from './latents';
import { licenceOfPack } from './licence-of-pack';
import { refuseRunFolder } from './run-folder';

export interface InspectOptions {
  tensors?: boolean;
  json?: boolean;
}

/** `faceanim inspect`: prints what a checkpoint holds. */
export async function inspectCommand(
  file: string,
  options: InspectOptions,
  signal: AbortSignal,
): Promise<void> {
  await refuseRunFolder(file);
  await checkInputs([{ name: 'the checkpoint', path: file }]);
  await using checkpoint = await openCheckpoint(file, { signal });
  const summary = withLicence(describeCheckpoint(checkpoint), await licenceOfPack(file));
  const known = summary.networks.some(({ network }) => network);
  const latents = known ? undefined : await describeLatents(checkpoint, signal);
  const found = latents ? { ...summary, networks: [], latents } : summary;
  process.stdout.write(options.json ? toJson(found, options) : toText(found, options));
}

/** What a file holds: networks, or latents. */
interface Found extends CheckpointSummary {
  readonly latents?: LatentsSummary;
}

function withLicence(summary: CheckpointSummary, licence: string | undefined): CheckpointSummary {
  if (licence === undefined) return summary;
  return { ...summary, networks: summary.networks.map((network) => ({ ...network, licence })) };
}

function toJson({ networks, ...summary }: Found, { tensors }: InspectOptions): string {
  const plain = networks.map(({ tensors: all, ...network }) => ({
    ...network,
    tensors: tensors ? Object.fromEntries(all) : all.size,
  }));
  return `${printableJson({ ...summary, networks: plain }, 2)}\n`;
}

function toText(
  { file, format, byteLength, metadata, networks, latents }: Found,
  options: InspectOptions,
): string {
  const lines = [`${file}: ${format}, ${megabytes(byteLength)}`];
  for (const [key, value] of Object.entries(metadata)) lines.push(`  ${key}: ${shortened(value)}`);
  if (latents) lines.push('', ...latentsLines(latents, file));
  for (const network of networks) lines.push('', ...networkLines(network, options));
  // Nearly all of this comes from the file.
  return `${lines.map(printable).join('\n')}\n`;
}

/** A frame of a run keeps its whole record in one value. */
function shortened(value: string): string {
  return value.length > 200 ? `${value.slice(0, 200)} … (all of it with --json)` : value;
}

function latentsLines({ frames, shape }: LatentsSummary, file: string): string[] {
  return [
    `latents of ${counted(frames, 'frame')}, [${shape.join(', ')}] each`,
    `  to draw them: ${commandLine(['render', file, '--out', 'animation.mp4'])}`,
  ];
}

function networkLines(network: NetworkSummary, { tensors }: InspectOptions): string[] {
  const { prefix, preferred, config, parameters, weightBytes, loadedBytes, licence } = network;
  const use = preferred && prefix ? '  <- the one to use' : '';
  const lines = [
    `${prefix}* ${network.network ?? 'unknown network'}${use}`,
    `  tensors  ${network.tensors.size}, ${(parameters / 1e6).toFixed(2)} million parameters`,
    `  memory   ${megabytes(weightBytes)} of weights, about ${megabytes(loadedBytes)} when loaded, and activations`,
    `  licence  ${licence}`,
  ];
  if (Object.keys(config).length > 0) lines.push(`  config   ${JSON.stringify(config)}`);
  if (tensors) {
    for (const [name, { dtype, shape }] of network.tensors)
      lines.push(`    ${name} ${dtype} [${shape.join(', ')}]`);
  }
  return lines;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(bytes < 1e7 ? 2 : 0)} MB`;
}
