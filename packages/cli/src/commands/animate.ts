import type { Command } from 'commander';
import type { AnimateOptions } from '../animate/options';
import { animateRules } from '../animate/useless-flags';
import { finiteNumber, parseAlign, parseWeights, share, wholeNumber, wordOption } from '../flags/parse';
import { sharedOptions } from '../flags/shared';
import { refuseUseless } from '../flags/useless-flags';

/** Adds `faceanim animate`. */
export function addAnimate(program: Command, argv: readonly string[], signal: AbortSignal): void {
  program
    .command('animate')
    .description('make a look follow a driver')
    .requiredOption('--driver <path>', 'video, animated image or folder of frames')
    .requiredOption(
      '--out <path>',
      '.mp4 .webm .mov .mkv .webp .gif, or without extension a folder of PNG frames',
    )
    .option('--look <image>', 'face to animate; without it the face is free')
    .addOption(
      wordOption(
        '--align-look <mode>',
        'crop the look by its own landmarks, where it is not aligned (auto)',
        ['auto', 'always', 'never'],
      ),
    )
    .option('--initial <file>', 'latent where frame 0 starts: projected_w.npz, .npy, .pt, latents of a run')
    .addOption(
      wordOption('--preset <name>', "fast, or thorough: the original program's steps (fast)", [
        'fast',
        'thorough',
      ]),
    )
    .option(
      '--steps-first <n>',
      'most steps of the first frame (60; thorough and reference 300)',
      wholeNumber('--steps-first'),
    )
    .option(
      '--steps-next <n>',
      'most steps of each later frame (10; thorough and reference 50)',
      wholeNumber('--steps-next'),
    )
    .option('--window <n>', 'frames after the first that are optimised together (1)', wholeNumber('--window'))
    .option('--weights <list>', 'landmark group weights, e.g. outerLip=5,jaw=0.05', parseWeights)
    .option('--subframes <n>', 'output frames per driver frame (2)', wholeNumber('--subframes'))
    .addOption(sharedOptions.interpolation)
    .option('--fps <n>', 'output frame rate; default keeps the speed of the driver', finiteNumber('--fps'))
    .option('--align <mode>', 'driver crop: frame, first, none or x,y,w,h (frame)', parseAlign)
    .option('--start <n>', 'first driver frame, from 0', wholeNumber('--start', 0))
    .option('--every <n>', 'take every n-th driver frame', wholeNumber('--every'))
    .option('--limit <n>', 'at most n driver frames', wholeNumber('--limit'))
    .addOption(
      wordOption('--space <name>', 'latent space (whitened-w)', ['w', 'w+', 'whitened-w', 'whitened-w+']),
    )
    .option('--generator <file>', 'StyleGAN2 or 3 checkpoint (bundled pack)')
    .option('--encoder <file>', 'of the generator, by fit-encoder (bundled pack)')
    .option('--fan <file>', 'FAN checkpoint (bundled pack)')
    .option(
      '--fan-modules <n>',
      'run only the first n modules of the landmark network',
      wholeNumber('--fan-modules'),
    )
    .option('--lpips <file>', "LPIPS trunk, or NVIDIA's vgg16.pt (bundled pack)")
    .option('--lpips-heads <file>', 'heads of LPIPS, where they are in a file of their own')
    .addOption(wordOption('--lpips-net <name>', 'trunk of --lpips (vgg)', ['vgg', 'alex', 'squeeze']))
    .option('--low-memory', 'less memory for a little more time: for small GPUs')
    .option('--reference', 'repeat the original program: its losses, schedules and quirks')
    .option(
      '--seed <n>',
      'seed of what is random, such as the noise of --reference (0)',
      wholeNumber('--seed', 0),
    )
    .option(
      '--min-score <n>',
      'mean heat-map peak from which a face is one, 0 to 1 (0.45)',
      share('--min-score'),
    )
    .addOption(sharedOptions.backend)
    .addOption(sharedOptions.allowSoftware)
    .option('--run <folder>', 'where finished frames are kept (OUT.run)')
    .option('--resume', 'go on after the finished frames of an earlier run')
    .option('--fresh', 'replace the finished frames of an earlier run')
    .addOption(sharedOptions.overwrite)
    .option('--json <file>', 'write a report; - for standard output')
    .addOption(sharedOptions.quiet)
    .action(async ({ quiet, ...options }: AnimateOptions & { quiet?: boolean }) => {
      refuseUseless(animateRules, options);
      const { animateCommand } = await import('../animate/command');
      await animateCommand(options, { quiet, argv, signal });
    });
}
