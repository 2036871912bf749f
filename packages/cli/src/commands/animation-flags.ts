import type { LatentSpaceName } from '@faceanim/core';
import type { LpipsNet } from '@faceanim/models';
import type { Command } from 'commander';
import { choice, finiteNumber, flag, groupWeights, wholeNumber } from '../flags/parse';
import { shared } from '../flags/shared';

/** Adds the flags that say what is animated. */
export function addInputFlags(command: Command): Command {
  return command
    .optionsGroup('Input and output:')
    .requiredOption('--driver <path>', 'driving video: a video, an animated image or a folder of frames')
    .option('--look <image>', 'source image: the face to animate; without it, the face is free');
}

/** Adds the flags that say which frames and faces are taken, and how they are cropped. */
export function addFrameFlags(command: Command): Command {
  return command
    .addOption(shared.start)
    .addOption(shared.every)
    .addOption(shared.limit)
    .addOption(shared.face)
    .addOption(shared.onMissingFace)
    .addOption(shared.align)
    .addOption(shared.alignLook)
    .addOption(shared.lookFace)
    .addOption(shared.minScore);
}

/** Adds the limits for input from strangers. */
export function addLimitFlags(command: Command): void {
  command
    .optionsGroup('Limits, for input from strangers:')
    .addOption(shared.maxPixels)
    .addOption(shared.maxSeconds)
    .addOption(shared.maxBytes)
    .addOption(shared.checkpoints);
}

/** Adds the flags that say how: all that mean the same wherever a run takes place. */
export function addAnimationFlags(command: Command): void {
  addFrameFlags(command.optionsGroup('Frames:'))
    .addOption(flag('--subframes <n>', 'output frames per driver frame (2)', wholeNumber()))
    .addOption(shared.interpolation)
    .addOption(flag('--fps <n>', 'output frame rate, in place of sub-frames', finiteNumber))
    .addOption(shared.noAudio)
    .addOption(shared.noAiTag)
    .option('--paste-back', 'show the face in the picture that the look was cropped from');

  command
    .optionsGroup('Optimisation:')
    .addOption(
      choice('--preset <name>', "fast, or thorough: the original program's steps (fast)", [
        'fast',
        'thorough',
      ]),
    )
    .addOption(
      choice(
        '--mode <name>',
        'identity, free (without a look), mouth (for dubbing) or reference (the original program)',
        ['identity', 'free', 'mouth', 'reference'],
      ),
    )
    .addOption(
      flag(
        '--steps-look <n>',
        'most steps for the look, before the first frame; 0: none (60; thorough: 300)',
        wholeNumber(0),
      ),
    )
    .addOption(
      flag(
        '--steps-first <n>',
        'most steps for the first frame (20; thorough: 100; without a projected look 60, thorough or reference: 300)',
        wholeNumber(),
      ),
    )
    .addOption(
      flag(
        '--steps-next <n>',
        'most steps for each later frame (10; thorough, reference: 50)',
        wholeNumber(),
      ),
    )
    .option('--refine', 'optimise all frames again, together with their neighbours')
    .addOption(flag('--split <n>', 'optimise in parts of at most n frames, which are joined', wholeNumber()))
    .addOption(
      flag('--overlap <n>', 'frames that two parts share, where there is no cut (8)', wholeNumber(0)),
    )
    .addOption(flag('--window <n>', 'frames optimised together, after the first (1)', wholeNumber()))
    .addOption(
      flag(
        '--synthesis-resolution <n>',
        'side in pixels of the images that steps draw, to save memory (whole images)',
        wholeNumber(),
      ),
    )
    .addOption(flag('--weights <list>', 'weights of landmark groups: outerLip=5,jaw=0.05', groupWeights))
    .addOption(
      choice(
        '--target <face>',
        "what to follow: the driver's motion on the face of the look, or its landmarks (look)",
        ['look', 'driver'],
      ),
    )
    .addOption(shared.gain)
    .addOption(shared.pose)
    .addOption(shared.neutral)
    .addOption(shared.blend)
    .addOption(shared.blendShare)
    .addOption(
      choice<LatentSpaceName>('--space <name>', 'latent space (whitened-w)', [
        'w',
        'w+',
        'whitened-w',
        'whitened-w+',
      ]),
    )
    .option('--initial <file>', 'latent that frame 0 starts from: projected_w.npz, .npy, .pt or a run')
    .addOption(flag('--seed <n>', 'random seed, e.g. for the noise of --mode reference (0)', wholeNumber(0)));

  command
    .optionsGroup('Networks:')
    .addOption(shared.generator)
    .option('--encoder <file>', "the generator's encoder, from fit-encoder (bundled pack)")
    .addOption(shared.fan)
    .addOption(shared.fanModules)
    .option('--lpips <file>', "LPIPS trunk, or NVIDIA's vgg16.pt (bundled pack)")
    .option('--lpips-heads <file>', 'LPIPS heads, if they are in a separate file')
    .addOption(choice<LpipsNet>('--lpips-net <name>', 'trunk in --lpips (vgg)', ['vgg', 'alex', 'squeeze']))
    .option('--low-memory', 'less memory for longer steps, for small GPUs');
}
