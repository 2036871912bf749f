import type { Command } from 'commander';
import { flag, wholeNumber } from '../flags/parse';
import { shared } from '../flags/shared';
import type { FitEncoderOptions } from '../networks/fit-encoder';

/** Adds `faceanim fit-encoder`. */
export function addFitEncoder(program: Command, signal: AbortSignal): void {
  program
    .command('fit-encoder')
    .description('fit an encoder to a generator, for animate --encoder: better starts, fewer steps')
    .requiredOption('-o, --out <file>', 'safetensors file to write')
    .addOption(shared.generator)
    .addOption(shared.fan)
    .addOption(shared.fanModules)
    .addOption(flag('--samples <n>', 'random faces to learn from (2000)', wholeNumber()))
    .addOption(flag('--seed <n>', 'seed of the random faces (0)', wholeNumber(0)))
    .addOption(shared.overwrite)
    .addOption(shared.backend)
    .addOption(shared.quiet)
    .action(async (options: FitEncoderOptions) => {
      const { fitEncoderCommand } = await import('../networks/fit-encoder');
      await fitEncoderCommand(options, signal);
    });
}
