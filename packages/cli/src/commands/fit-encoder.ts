import type { Command } from 'commander';
import { flag, wholeNumber } from '../flags/parse';
import { shared } from '../flags/shared';
import { refuseUseless, uselessForBackend } from '../flags/useless-flags';
import type { FitEncoderOptions } from '../networks/fit-encoder';
import { addBackendFlags } from './animation-flags';

/** Adds `faceanim fit-encoder`. */
export function addFitEncoder(program: Command, signal: AbortSignal): void {
  const command = program
    .command('fit-encoder')
    .description('fit an encoder to a generator, for animate --encoder: better starts, fewer steps')
    .requiredOption('--out <file>', 'safetensors file to write')
    .addOption(shared.generator())
    .addOption(shared.fan())
    .addOption(shared.fanModules())
    .addOption(flag('--samples <n>', 'random faces to learn from (2000)', wholeNumber()))
    .addOption(flag('--seed <n>', 'seed of the random faces (0)', wholeNumber(0)));
  addBackendFlags(command)
    .addOption(shared.overwrite())
    .addOption(shared.quiet())
    .action(async (options: FitEncoderOptions) => {
      refuseUseless(uselessForBackend, options);
      const { fitEncoderCommand } = await import('../networks/fit-encoder');
      await fitEncoderCommand(options, signal);
    });
}
