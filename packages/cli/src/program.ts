import { didYouMean } from '@faceanim/tensor/options';
import { Command, CommanderError, Help, type Option } from 'commander';
import type { AnimateOptions } from './animate-options';
import { animateRules } from './animate-rules';
import { addDoctor } from './doctor-command';
import { exitCodes, explain } from './exit';
import { addFitEncoder } from './fit-encoder-command';
import { addImport } from './import-command';
import { addInspect } from './inspect-command';
import {
  finiteNumber,
  parseAlign,
  parseWeights,
  share,
  sharedOptions,
  wholeNumber,
  wordOption,
} from './options';
import { refuseUseless, uselessInterpolation } from './useless-flags';
import { version } from './version';

/** Parses and runs one command line; returns the exit code. Nothing is printed but to `stdout` and `stderr`. */
export async function run(argv: readonly string[], signal: AbortSignal): Promise<number> {
  try {
    await createProgram(argv, signal).parseAsync([...argv], { from: 'user' });
    return exitCodes.ok;
  } catch (error) {
    // Commander has printed its own message already.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
    const { code, text } = explain(error);
    process.stderr.write(`${text}\n`);
    return code;
  }
}

function createProgram(argv: readonly string[], signal: AbortSignal): Command {
  const program = new Command('faceanim')
    .description('Animates a face by latent optimisation: nothing is trained, everything runs here.')
    .version(version)
    .exitOverride()
    .configureHelp({ optionDescription: markRequired })
    .showHelpAfterError('(faceanim --help lists the commands)');
  // Commands are loaded when they are called: help and version need no tensors.
  addAnimate(program, argv, signal);
  addRender(program, signal);
  addLook(program, signal);
  addDemo(program, argv, signal);
  addInspect(program, signal);
  addImport(program, signal);
  addFitEncoder(program, signal);
  addDoctor(program, signal);
  addHelp(program);
  for (const command of program.commands) {
    command.showHelpAfterError(`(faceanim ${command.name()} --help lists the flags)`);
  }
  return program;
}

/** The help says which options are required: commander leaves them all under "Options". */
function markRequired(this: Help, option: Option): string {
  const description = Help.prototype.optionDescription.call(this, option);
  return option.mandatory ? `required: ${description}` : description;
}

/** Commander's own `help` answers an unknown command by the general help, without a word about it. */
function addHelp(program: Command): void {
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

const interpolationOption = wordOption('--interpolation <method>', 'between latents (linear)', [
  'linear',
  'catmull-rom',
]);

function addAnimate(program: Command, argv: readonly string[], signal: AbortSignal): void {
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
    .addOption(interpolationOption)
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
      const { animateCommand } = await import('./animate-command');
      await animateCommand(options, { quiet, argv, signal });
    });
}

function addRender(program: Command, signal: AbortSignal): void {
  program
    .command('render')
    .description('render latents of an earlier run or of another projector, without optimising')
    .argument('<latents>', 'latents.safetensors of a run, or its folder; projected_w.npz, .npy, .pt')
    .requiredOption('--out <path>', 'as for animate')
    .option('--generator <file>', 'checkpoint that the latents are of (bundled pack)')
    .option('--subframes <n>', 'output frames per latent (2)', wholeNumber('--subframes'))
    .addOption(interpolationOption)
    .option('--fps <n>', 'output frame rate; default keeps the speed of the run', finiteNumber('--fps'))
    .addOption(sharedOptions.overwrite)
    .addOption(sharedOptions.backend)
    .addOption(sharedOptions.quiet)
    .action(async (latents: string, options) => {
      refuseUseless([uselessInterpolation], options);
      const { renderCommand } = await import('./render-command');
      await renderCommand(latents, options, { quiet: options.quiet, signal });
    });
}

function addLook(program: Command, signal: AbortSignal): void {
  program
    .command('look')
    .description('draw a face of the bundled generator: --seed 7 --age 1.5 --smile 1 …')
    .option('--out <image>', '.png, .jpg or .webp (look.png)')
    .option('--seed <n>', 'seed of what is not given (0)', wholeNumber('--seed', 0))
    .option('--expression <name>', 'an expression of the pack, e.g. smile')
    .option('--list', 'list the factors and expressions, and draw nothing')
    .addOption(sharedOptions.overwrite)
    .addOption(sharedOptions.backend)
    .allowUnknownOption()
    .allowExcessArguments()
    .action(async ({ list, ...options }, command: Command) => {
      const [given] = [...Object.keys(options).map((name) => `--${name}`), ...command.args];
      refuseUseless([{ flag: `${given}`, beside: '--list', when: () => list && given }], options);
      const { listFactors, lookCommand } = await import('./look-command');
      await (list ? listFactors(signal) : lookCommand({ ...options, words: command.args }, signal));
    });
}

function addDemo(program: Command, argv: readonly string[], signal: AbortSignal): void {
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
      const { demoCommand } = await import('./animate-command');
      await demoCommand(options, { argv, signal });
    });
}
