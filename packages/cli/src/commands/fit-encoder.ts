import type { Command } from 'commander';
import { wholeNumber } from '../flags/parse';
import { sharedOptions } from '../flags/shared';
import type { FitEncoderOptions } from '../networks/fit-encoder';

/** Adds `faceanim fit-encoder`. */
export function addFitEncoder(program: Command, signal: AbortSignal): void {
  program
    .command('fit-encoder')
    .description('fit an encoder to a generator, for animate --encoder: better starts, fewer steps')
    .requiredOption('-o, --out <file>', 'safetensors file to write')
    .option('--generator <file>', 'StyleGAN2 or 3 checkpoint (bundled pack)')
    .option('--fan <file>', 'FAN checkpoint (bundled pack)')
    .option(
      '--fan-modules <n>',
      'run only the first n modules of the landmark network',
      wholeNumber('--fan-modules'),
    )
    .option('--samples <n>', 'random faces to look at (2000)', wholeNumber('--samples'))
    .option('--seed <n>', 'seed of the faces (0)', wholeNumber('--seed', 0))
    .addOption(sharedOptions.overwrite)
    .addOption(sharedOptions.backend)
    .addOption(sharedOptions.quiet)
    .action(async (options: FitEncoderOptions) => {
      const { fitEncoderCommand } = await import('../networks/fit-encoder');
      await fitEncoderCommand(options, signal);
    });
}
