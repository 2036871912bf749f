import type { LatentSpaceName, LookAlignment } from '@faceanim/core';
import type { MissingFace } from '@faceanim/core/landmarks';
import type { LpipsNet } from '@faceanim/models';
import type { Command } from 'commander';
import {
  alignment,
  choice,
  faceChoice,
  finiteNumber,
  flag,
  groupWeights,
  pose,
  positiveNumber,
  share,
  wholeNumber,
} from '../flags/parse';
import { shared } from '../flags/shared';

/** Adds the flags that say what is animated. */
export function addInputFlags(command: Command): Command {
  return command
    .optionsGroup('Input and output:')
    .addOption(shared.driver())
    .option('--look <image>', 'picture of the face to animate; without it, the face is free');
}

/** Adds the flags that say which frames and faces are taken, and how they are cropped. */
export function addFrameFlags(command: Command): Command {
  return command
    .addOption(flag('--start <n>', 'first driver frame, from 0 (0)', wholeNumber(0)))
    .addOption(flag('--every <n>', 'use every n-th driver frame; all are tracked (1)', wholeNumber()))
    .addOption(flag('--limit <n>', 'use at most n driver frames (all)', wholeNumber()))
    .addOption(
      flag(
        '--face <which>',
        "the driver's face: largest, its number from the left from 0, or x,y in pixels (largest)",
        faceChoice,
      ),
    )
    .addOption(
      choice<MissingFace>(
        '--on-missing-face <what>',
        'in frames without a face: hold the face of a frame nearby, skip them, or end with an error (hold)',
        ['hold', 'skip', 'error'],
      ),
    )
    .addOption(flag('--align <mode>', 'crop of the driver: frame, first, none or x,y,w,h (frame)', alignment))
    .addOption(
      choice<LookAlignment>(
        '--align-look <mode>',
        'whether to crop the look by its landmarks; auto: unless it is aligned (auto)',
        ['auto', 'always', 'never'],
      ),
    )
    .addOption(flag('--look-face <which>', 'like --face, for a look that is cropped (largest)', faceChoice))
    .addOption(flag('--min-score <n>', 'mean heat-map peak that makes a face, 0 to 1 (0.5)', share));
}

/** Adds the flags that change the motion that is put on the look. */
export function addMotionFlags(command: Command): Command {
  return command
    .addOption(
      flag('--gain <list>', 'how large the motion on the look is: mouth=1.2,eyes=1.1 (1)', groupWeights),
    )
    .addOption(
      flag('--pose <whose>', 'head pose on the look: driver, look, or 0 (look) to 1 (driver) (driver)', pose),
    )
    .addOption(
      flag(
        '--neutral <frame>',
        'driver frame in which the face is at rest; the look is then at rest, too',
        wholeNumber(0),
      ),
    )
    .option('--blend <path>', 'another video whose expressions are blended in')
    .addOption(
      flag('--blend-share <n>', 'their share: 0 (driver) to 1 (--blend) and beyond (0.5)', finiteNumber),
    );
}

/** Adds the flags that choose the backend. */
export function addBackendFlags(command: Command): Command {
  return command
    .addOption(shared.backend())
    .addOption(shared.allowSoftware())
    .addOption(flag('--threads <n>', 'threads of wasm, up to 8 (one for each core)', wholeNumber()));
}

/** Adds the limits for input from strangers; `defaults` are told in the help. */
export function addLimitFlags(
  command: Command,
  defaults: Readonly<Record<'pixels' | 'seconds' | 'bytes' | 'checkpoints', string>>,
): void {
  const { pixels, seconds, bytes, checkpoints } = defaults;
  command
    .optionsGroup('Limits, for input from strangers:')
    .addOption(flag('--max-pixels <n>', `most pixels of a picture or frame (${pixels})`, wholeNumber()))
    .addOption(flag('--max-seconds <n>', `longest video (${seconds})`, positiveNumber))
    .addOption(flag('--max-bytes <n>', `largest file, or folder of frames (${bytes})`, wholeNumber()))
    .addOption(
      choice<'arrays' | 'pickle'>(
        '--checkpoints <kind>',
        `arrays (safetensors, npy), or also pickle: the files of PyTorch (${checkpoints})`,
        ['arrays', 'pickle'],
      ),
    );
}

/** Adds the flags that say how: all that mean the same wherever a run takes place. */
export function addAnimationFlags(command: Command): void {
  addFrameFlags(command.optionsGroup('Frames:'))
    .addOption(flag('--subframes <n>', 'output frames per driver frame (2)', wholeNumber()))
    .addOption(shared.interpolation())
    .addOption(shared.fps())
    .addOption(shared.noAudio())
    .addOption(shared.noAiTag())
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
        'identity, free, mouth (for dubbing) or reference (the original program) (identity with a look, else free)',
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
    );
  addMotionFlags(command)
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
    .addOption(shared.generator())
    .option('--encoder <file>', "the generator's encoder, from fit-encoder (bundled pack)")
    .addOption(shared.fan())
    .addOption(shared.fanModules())
    .option('--lpips <file>', "LPIPS trunk, or NVIDIA's vgg16.pt (bundled pack)")
    .option('--lpips-heads <file>', 'LPIPS heads, if they are in a separate file')
    .addOption(choice<LpipsNet>('--lpips-net <name>', 'trunk in --lpips (vgg)', ['vgg', 'alex', 'squeeze']))
    .option('--low-memory', 'take less memory and longer steps, for small GPUs');
}
