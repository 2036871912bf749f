import type { Command } from 'commander';
import { choice } from '../flags/parse';
import { shared } from '../flags/shared';
import { refuseUseless } from '../flags/useless-flags';
import type { TargetsOptions } from '../targets/targets';
import { targetsRules } from '../targets/useless-flags';
import { addFrameFlags } from './animation-flags';

/** Adds `faceanim targets`. */
export function addTargets(program: Command, signal: AbortSignal): void {
  const command = program
    .command('targets')
    .description('show what animate would follow, without optimising: the landmarks of a driver on a look')
    .argument('<driver>', 'a video, an animated image or a folder of frames')
    .requiredOption('--look <image>', 'the face to animate')
    .option('--out <path>', '.png for a picture with curves; .mp4, .webm, .webp … for a video (targets.png)');
  addFrameFlags(command)
    .addOption(
      choice('--mode <name>', 'as in animate: identity, or mouth for dubbing (identity)', [
        'identity',
        'mouth',
      ]),
    )
    .addOption(shared.gain)
    .addOption(shared.pose)
    .addOption(shared.neutral)
    .addOption(shared.blend)
    .addOption(shared.blendShare)
    .addOption(shared.noAudio)
    .addOption(shared.fan)
    .addOption(shared.fanModules)
    .addOption(shared.overwrite)
    .addOption(shared.backend)
    .addOption(shared.allowSoftware)
    .addOption(shared.quiet)
    .action(async (driver: string, options: TargetsOptions) => {
      refuseUseless(targetsRules, options);
      const { targetsCommand } = await import('../targets/targets');
      await targetsCommand(driver, options, signal);
    });
}
