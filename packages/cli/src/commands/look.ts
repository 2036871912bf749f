import type { Command } from 'commander';
import { flag, wholeNumber } from '../flags/parse';
import { shared } from '../flags/shared';
import { refuseUseless, uselessForBackend } from '../flags/useless-flags';
import { addBackendFlags } from './animation-flags';

/** Adds `faceanim look`, which takes the factors of the pack as flags, too. */
export function addLook(program: Command, signal: AbortSignal): void {
  const look = program
    .command('look')
    .description('draw a face with the bundled generator: --seed 7 --age 1.5 --smile 1 …')
    .option('--out <image>', '.png, .jpg or .webp (look.png)')
    .addOption(flag('--seed <n>', 'seed of everything that is not given (0)', wholeNumber(0)))
    .option('--expression <name>', 'an expression of the pack, e.g. smile')
    .option('--list', 'list the factors and expressions, and draw nothing')
    .addOption(shared.overwrite())
    .addOption(shared.noAiTag());
  addBackendFlags(look)
    .allowUnknownOption()
    .allowExcessArguments()
    .action(async ({ list, ...options }, command: Command) => {
      const flagsGiven = command.options.filter(
        (each) => command.getOptionValueSource(each.attributeName()) === 'cli' && each.long !== '--list',
      );
      const [given] = [...flagsGiven.map(({ long }) => long), ...command.args];
      refuseUseless([{ flag: `${given}`, beside: '--list', when: () => list && given }], options);
      refuseUseless(uselessForBackend, options);
      const { listFactors, lookCommand } = await import('../look/look');
      if (list) return await listFactors(signal);
      const flags = command.options.map(({ long }) => long!);
      await lookCommand({ ...options, words: command.args, flags }, signal);
    });
}
