import type { Command } from 'commander';
import type { InspectOptions } from '../checkpoints/inspect';

/** Adds `faceanim inspect`. */
export function addInspect(program: Command, signal: AbortSignal): void {
  program
    .command('inspect')
    .description(
      'show what a checkpoint or a file of latents holds: networks, configuration, licence, memory',
    )
    .argument(
      '<file>',
      'safetensors, torch file (.pt .pth .pth.tar .ckpt), NVIDIA network pickle (.pkl), or latents (also .npy .npz)',
    )
    .option('--tensors', 'list every tensor')
    .option('--json', 'print JSON')
    .action(async (file: string, options: InspectOptions) => {
      const { inspectCommand } = await import('../checkpoints/inspect');
      await inspectCommand(file, options, signal);
    });
}
