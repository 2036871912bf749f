import { didYouMean } from '@faceanim/tensor/options';
import type { Command } from 'commander';

/** Adds `faceanim help`. Commander's own shows the general help for an unknown command and does not say why. */
export function addHelp(program: Command): void {
  program
    .helpCommand(false)
    .command('help')
    .description('display help for command')
    .argument('[command]')
    .action((name: string | undefined) => {
      const named = name === undefined ? program : program.commands.find((each) => each.name() === name);
      if (named) named.help();
      const meant = didYouMean(
        name!,
        program.commands.map((each) => each.name()),
      );
      program.error(`error: unknown command '${name}'${meant ? `\n(Did you mean ${meant}?)` : ''}`);
    });
}
