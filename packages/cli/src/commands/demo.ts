import type { Command } from 'commander';
import { flag, wholeNumber } from '../flags/parse';
import { shared } from '../flags/shared';
import { refuseUseless, uselessForBackend } from '../flags/useless-flags';
import { addBackendFlags } from './animation-flags';

/** Adds `faceanim demo`. */
export function addDemo(program: Command, argv: readonly string[], signal: AbortSignal): void {
  const command = program
    .command('demo')
    .description('animate the bundled look with the bundled driver: offline, in about a minute')
    .option('--out <path>', 'where the animation goes (out/demo.webp)')
    .addOption(flag('--limit <n>', 'use at most n of the 25 driver frames (12)', wholeNumber()))
    .addOption(flag('--steps-look <n>', 'most steps for the look (30)', wholeNumber(0)))
    .addOption(flag('--steps-first <n>', 'most steps for the first frame (12)', wholeNumber()))
    .addOption(flag('--steps-next <n>', 'most steps for each later frame (8)', wholeNumber()))
    .addOption(shared.noAiTag());
  addBackendFlags(command)
    .addOption(shared.report())
    .addOption(shared.json())
    .option('--resume', 'continue after the finished frames of an earlier demo')
    .addOption(shared.overwrite())
    .addOption(shared.quiet())
    .action(async ({ quiet, ...options }) => {
      refuseUseless(uselessForBackend, options);
      const { demoCommand } = await import('../animate/demo');
      await demoCommand(options, { quiet, argv, signal });
    });
}
