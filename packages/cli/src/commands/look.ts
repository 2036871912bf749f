import type { Command } from 'commander';
import { wholeNumber } from '../flags/parse';
import { sharedOptions } from '../flags/shared';
import { refuseUseless } from '../flags/useless-flags';

/** Adds `faceanim look`. */
export function addLook(program: Command, signal: AbortSignal): void {
  program
    .command('look')
    .description('draw a face of the bundled generator: --seed 7 --age 1.5 --smile 1 …')
    .option('--out <image>', '.png, .jpg or .webp (look.png)')
    .option('--seed <n>', 'seed of what is not given (0)', wholeNumber('--seed', 0))
    .option('--expression <name>', 'an expression of the pack, e.g. smile')
    .option('--list', 'list the factors and expressions, and draw nothing')
    .addOption(sharedOptions.overwrite)
    .addOption(sharedOptions.backend)
    .allowUnknownOption()
    .allowExcessArguments()
    .action(async ({ list, ...options }, command: Command) => {
      const [given] = [...Object.keys(options).map((name) => `--${name}`), ...command.args];
      refuseUseless([{ flag: `${given}`, beside: '--list', when: () => list && given }], options);
      const { listFactors, lookCommand } = await import('../look/look');
      await (list ? listFactors(signal) : lookCommand({ ...options, words: command.args }, signal));
    });
}
