import type { Command } from 'commander';
import type { ImportOptions } from '../checkpoints/import';
import { shared } from '../flags/shared';

/** Adds `faceanim import`. */
export function addImport(program: Command, signal: AbortSignal): void {
  program
    .command('import')
    .description('convert a checkpoint to safetensors, with a manifest and a model card')
    .argument(
      '<file>',
      'torch file or NVIDIA network pickle; of several generators, the averaged one (G_ema) is used',
    )
    .requiredOption('--out <folder>', 'where the files go')
    .option('--half', 'store large tensors as 16-bit floats')
    .addOption(shared.overwrite())
    .action(async (file: string, options: ImportOptions) => {
      const { importCommand } = await import('../checkpoints/import');
      await importCommand(file, options, signal);
    });
}
