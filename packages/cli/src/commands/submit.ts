import type { Command } from 'commander';
import type { AnimateOptions } from '../animate/options';
import { animateRules } from '../animate/useless-flags';
import { flag, wholeNumber } from '../flags/parse';
import { shared } from '../flags/shared';
import { refuseUseless } from '../flags/useless-flags';
import type { SubmitFlags } from '../jobs/submit';
import { addAnimationFlags, addBackendFlags, addInputFlags } from './animation-flags';
import { addQueueFlags } from './queue-flags';

/** Adds `faceanim submit`. */
export function addSubmit(program: Command, signal: AbortSignal): void {
  const given: Record<string, string | true> = {};
  const command = program
    .command('submit')
    .description('check a run and put it on the queue for a worker')
    .action(async (all: Omit<AnimateOptions, 'out' | 'report'> & SubmitFlags) => {
      const { redis, storage, s3Endpoint, queue, out, report, priority, attempts, wait, quiet, ...options } =
        all;
      refuseUseless(animateRules, { ...options, out: out ?? '' });
      const { submitCommand } = await import('../jobs/submit');
      const flags = { redis, storage, s3Endpoint, queue, out, report, priority, attempts, wait, quiet };
      await submitCommand(options, given, flags, signal);
    });

  addInputFlags(command);
  addAnimationFlags(command);
  addBackendFlags(command.optionsGroup('Run:'));
  // All of these go to the worker as they were written.
  for (const option of command.options)
    command.on(`option:${option.name()}`, (text: string | null) => {
      given[option.name()] = text ?? true;
    });

  command
    .optionsGroup('Job:')
    .option('--out <name>', 'name of the animation in the folder of the job (animation.mp4)')
    .option('--report', 'also make a page that shows the run')
    .addOption(flag('--priority <n>', '0 to 100, the largest first (0)', wholeNumber(0)))
    .addOption(
      flag('--attempts <n>', 'most tries, if it fails for a reason that may pass (3)', wholeNumber()),
    )
    .option('--wait', 'show the progress until it ends')
    .addOption(shared.quiet());
  addQueueFlags(command);
}
