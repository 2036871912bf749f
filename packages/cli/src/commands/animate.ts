import type { Command } from 'commander';
import type { AnimateOptions } from '../animate/options';
import { animateRules } from '../animate/useless-flags';
import { choice, flag, part } from '../flags/parse';
import { shared } from '../flags/shared';
import { refuseUseless, type UselessFlag } from '../flags/useless-flags';
import { addAnimationFlags, addBackendFlags, addInputFlags, addLimitFlags } from './animation-flags';

/** Adds `faceanim animate`. */
export function addAnimate(program: Command, argv: readonly string[], signal: AbortSignal): void {
  const command = program
    .command('animate')
    .description('make the face in a picture (the look) follow a video (the driver)')
    .action(async ({ quiet, progress, ...options }: AnimateOptions & ProgressFlags) => {
      refuseUseless(animateRules, options);
      refuseUseless([uselessProgress], { quiet, progress });
      const { animateCommand } = await import('../animate/command');
      await animateCommand(options, { quiet, progress, argv, signal });
    });

  addInputFlags(command)
    .requiredOption(
      '--out <path>',
      '.mp4, .webm, .mov, .mkv, .webp or .gif; without an extension, a folder of PNG frames',
    )
    .addOption(shared.report())
    .addOption(shared.json())
    .addOption(shared.overwrite())
    .addOption(shared.quiet())
    .addOption(
      choice('--progress <format>', 'json: progress, warnings and errors as lines of JSON, for programs', [
        'json',
      ]),
    );

  addAnimationFlags(command);

  addBackendFlags(command.optionsGroup('Run:'))
    .option('--run <folder>', 'where finished frames are kept (OUT.run)')
    .addOption(
      flag(
        '--part <what>',
        'with --split, do one thing: prepare, or optimise the part of a number, from 1',
        part,
      ),
    )
    .option('--resume', 'continue after the finished frames of an earlier run')
    .option('--fresh', 'replace the finished frames of an earlier run');

  addLimitFlags(command, { pixels: 'any', seconds: 'any', bytes: 'any', checkpoints: 'pickle' });
}

interface ProgressFlags {
  quiet?: boolean;
  progress?: 'json';
}

const uselessProgress: UselessFlag<ProgressFlags> = {
  flag: '--quiet',
  beside: '--progress',
  when: ({ quiet, progress }) => quiet && progress,
};
