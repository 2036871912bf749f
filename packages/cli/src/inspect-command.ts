import type { CheckpointSummary, NetworkSummary } from '@faceanim/models';
import type { Command } from 'commander';
import { licenceOfPack } from './licence-of-pack';
import { printable, printableJson } from './printable';

interface InspectOptions {
  tensors?: boolean;
  json?: boolean;
}

/** Adds `faceanim inspect`. */
export function addInspect(program: Command, signal: AbortSignal): void {
  program
    .command('inspect')
    .description('tell what is in a checkpoint: format, networks, configuration, licence, memory')
    .argument('<file>', 'safetensors, torch file (.pt .pth .pth.tar .ckpt) or NVIDIA network pickle (.pkl)')
    .option('--tensors', 'list every tensor')
    .option('--json', 'print JSON')
    .action(async (file: string, options: InspectOptions) => {
      const { openCheckpoint } = await import('@faceanim/models/checkpoints');
      const { describeCheckpoint } = await import('@faceanim/models');
      await using checkpoint = await openCheckpoint(file, { signal });
      const summary = withLicence(describeCheckpoint(checkpoint), await licenceOfPack(file));
      process.stdout.write(options.json ? toJson(summary, options) : toText(summary, options));
    });
}

function withLicence(summary: CheckpointSummary, licence: string | undefined): CheckpointSummary {
  if (licence === undefined) return summary;
  return { ...summary, networks: summary.networks.map((network) => ({ ...network, licence })) };
}

function toJson({ networks, ...summary }: CheckpointSummary, { tensors }: InspectOptions): string {
  const plain = networks.map(({ tensors: all, ...network }) => ({
    ...network,
    tensors: tensors ? Object.fromEntries(all) : all.size,
  }));
  return `${printableJson({ ...summary, networks: plain }, 2)}\n`;
}

function toText(
  { file, format, byteLength, metadata, networks }: CheckpointSummary,
  options: InspectOptions,
): string {
  const lines = [`${file}: ${format}, ${megabytes(byteLength)}`];
  for (const [key, value] of Object.entries(metadata)) lines.push(`  ${key}: ${value}`);
  for (const network of networks) lines.push('', ...networkLines(network, options));
  // Nearly all of it comes out of the file.
  return `${lines.map(printable).join('\n')}\n`;
}

function networkLines(network: NetworkSummary, { tensors }: InspectOptions): string[] {
  const { prefix, preferred, config, parameters, weightBytes, loadedBytes, licence } = network;
  const use = preferred && prefix ? '  <- the one to use' : '';
  const lines = [
    `${prefix}* ${network.network ?? 'a network that is not known'}${use}`,
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
