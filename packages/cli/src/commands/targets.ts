import type { Command } from 'commander';
import { choice } from '../flags/parse';
import { shared } from '../flags/shared';
import { refuseUseless } from '../flags/useless-flags';
import type { TargetsOptions } from '../targets/targets';
import { targetsRules } from '../targets/useless-flags';
import { addBackendFlags, addFrameFlags, addMotionFlags } from './animation-flags';

/** Adds `faceanim targets`, whose flags mean the same as those of `animate`. */
export function addTargets(program: Command, signal: AbortSignal): void {
  const command = program
    .command('targets')
    .description('show what animate would follow, without optimising: the landmarks of a driver on a look')
    .addOption(shared.driver())
    .requiredOption('--look <image>', 'picture of the face to animate')
    .option('--out <path>', '.png for a picture with curves; .mp4, .webm, .webp … for a video (targets.png)');
  addFrameFlags(command)
    .addOption(
      choice('--mode <name>', 'as in animate: identity, or mouth for dubbing (identity)', [
        'identity',
        'mouth',
      ]),
    )
    .addOption(shared.noAudio());
  addMotionFlags(command).addOption(shared.fan()).addOption(shared.fanModules());
  addBackendFlags(command)
    .addOption(shared.overwrite())
    .addOption(shared.quiet())
    .action(async (options: TargetsOptions) => {
      refuseUseless(targetsRules, options);
      const { targetsCommand } = await import('../targets/targets');
      await targetsCommand(options, signal);
    });
}
