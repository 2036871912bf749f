import type { Command } from 'commander';
import { wholeNumber } from '../flags/parse';
import { sharedOptions } from '../flags/shared';

/** Adds `faceanim demo`. */
export function addDemo(program: Command, argv: readonly string[], signal: AbortSignal): void {
  program
    .command('demo')
    .description('animate the bundled look by the bundled driver: offline, a few minutes')
    .option('--out <path>', 'where the animation goes', 'out/demo.webp')
    .option('--frames <n>', 'at most n of the 25 driver frames (12)', wholeNumber('--frames'))
    .option('--steps-first <n>', 'most steps of the first frame (40)', wholeNumber('--steps-first'))
    .option('--steps-next <n>', 'most steps of each later frame (8)', wholeNumber('--steps-next'))
    .addOption(sharedOptions.overwrite)
    .addOption(sharedOptions.backend)
    .option('--json <file>', 'write a report; - for standard output')
    .option('--resume', 'go on after the finished frames of an earlier demo')
    .action(async (options) => {
      const { demoCommand } = await import('../animate/demo');
      await demoCommand(options, { argv, signal });
    });
}
