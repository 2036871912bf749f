import { createRequire } from 'node:module';
import { FaceanimError } from '@faceanim/core';
import { Command, CommanderError, Option } from 'commander';
import type { AnimateOptions } from './animate-options';
import { addDoctor } from './doctor-command';
import { exitCodes, explain } from './exit';
import { addFitEncoder } from './fit-encoder-command';
import { addImport } from './import-command';
import { addInspect } from './inspect-command';
import { finiteNumber, parseAlign, parseWeights, wholeNumber } from './options';

/** Parses and runs one command line; returns the exit code. Nothing is printed but to `stdout` and `stderr`. */
export async function run(argv: readonly string[], signal: AbortSignal): Promise<number> {
  try {
    await createProgram(signal).parseAsync([...argv], { from: 'user' });
    return exitCodes.ok;
  } catch (error) {
    // Commander has printed its own message already.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
    const { code, text } = explain(error);
    process.stderr.write(`${text}\n`);
    return code;
  }
}

function createProgram(signal: AbortSignal): Command {
  const { version } = createRequire(import.meta.url)('../package.json') as { version: string };
  const program = new Command('faceanim')
    .description('Animates a face by latent optimisation: nothing is trained, everything runs here.')
    .version(version)
    .exitOverride()
    .showHelpAfterError('(faceanim --help lists the commands and options)');
  // Commands are loaded when they are called: help and version need no tensors.
  addAnimate(program, signal);
  addRender(program, signal);
  addLook(program);
  addDemo(program, signal);
  addInspect(program, signal);
  addImport(program, signal);
  addFitEncoder(program, signal);
  addDoctor(program, signal);
  return program;
}

const workOptions = {
  quiet: new Option('--quiet', 'no progress'),
  backend: new Option('--backend <name>', 'tensor backend; default: the best that comes up'),
  allowSoftware: new Option('--allow-software', 'also a GPU backend on a software adapter'),
};

function addAnimate(program: Command, signal: AbortSignal): void {
  program
    .command('animate')
    .description('make a look follow a driver')
    .requiredOption('--driver <path>', 'video, animated image or folder of frames')
    .requiredOption(
      '--out <path>',
      '.mp4 .webm .mov .mkv .webp .gif, or without extension a folder of PNG frames',
    )
    .option('--look <image>', 'face to animate, aligned; without it the face is free')
    .option('--align-look', 'crop the look by its own landmarks first')
    .addOption(
      new Option('--preset <name>', "fast, or thorough: the original program's steps (fast)").choices([
        'fast',
        'thorough',
      ]),
    )
    .option(
      '--steps-first <n>',
      'most steps of the first frame (60; thorough 300)',
      wholeNumber('--steps-first'),
    )
    .option(
      '--steps-next <n>',
      'most steps of each later frame (10; thorough 50)',
      wholeNumber('--steps-next'),
    )
    .option('--window <n>', 'frames after the first that are optimised together (1)', wholeNumber('--window'))
    .option('--weights <list>', 'landmark group weights, e.g. outerLip=5,jaw=0.05', parseWeights)
    .option('--subframes <n>', 'output frames per driver frame (2)', wholeNumber('--subframes'))
    .addOption(new Option('--interpolation <method>', 'between latents').choices(['linear', 'catmull-rom']))
    .option('--fps <n>', 'output frame rate; default keeps the speed of the driver', finiteNumber('--fps'))
    .option('--align <mode>', 'driver crop: frame, first, none or x,y,w,h (frame)', parseAlign)
    .option('--start <n>', 'first driver frame, from 0', wholeNumber('--start', 0))
    .option('--every <n>', 'take every n-th driver frame', wholeNumber('--every'))
    .option('--limit <n>', 'at most n driver frames', wholeNumber('--limit'))
    .addOption(
      new Option('--space <name>', 'latent space (whitened-w)').choices([
        'w',
        'w+',
        'whitened-w',
        'whitened-w+',
      ]),
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
    .addOption(new Option('--lpips-net <name>', 'trunk of --lpips (vgg)').choices(['vgg', 'alex', 'squeeze']))
    .option('--low-memory', 'less memory for a little more time: for small GPUs')
    .option('--reference', 'repeat the original program: its losses, schedules and quirks')
    .option('--seed <n>', 'seed of everything random (0)', wholeNumber('--seed', 0))
    .option(
      '--min-score <n>',
      'mean heat-map peak from which a face is one (0.45)',
      finiteNumber('--min-score'),
    )
    .addOption(workOptions.backend)
    .addOption(workOptions.allowSoftware)
    .option('--run <folder>', 'where finished frames are kept (OUT.run)')
    .option('--resume', 'go on after the finished frames of an earlier run')
    .option('--json <file>', 'write a report')
    .addOption(workOptions.quiet)
    .action(async ({ quiet, ...options }: AnimateOptions & { quiet?: boolean }) => {
      const { animateCommand } = await import('./animate-command');
      await animateCommand(options, { quiet, signal });
    });
}

function addRender(program: Command, signal: AbortSignal): void {
  program
    .command('render')
    .description('render latents of an earlier run again, without optimising')
    .argument('<latents>', 'latents.safetensors of a run, or its folder')
    .requiredOption('--out <path>', 'as for animate')
    .option('--generator <file>', 'checkpoint that the latents are of (bundled pack)')
    .option('--subframes <n>', 'output frames per latent (2)', wholeNumber('--subframes'))
    .addOption(new Option('--interpolation <method>', 'between latents').choices(['linear', 'catmull-rom']))
    .option('--fps <n>', 'output frame rate; default that of the run', finiteNumber('--fps'))
    .addOption(workOptions.backend)
    .addOption(workOptions.quiet)
    .action(async (latents: string, options) => {
      const { renderCommand } = await import('./render-command');
      await renderCommand(latents, options, { quiet: options.quiet, signal });
    });
}

function addLook(program: Command): void {
  program
    .command('look')
    .description('draw a face of the bundled generator: --seed 7 --age 1.5 --smile 1 …')
    .option('--out <image>', 'where to write it', 'look.png')
    .option('--seed <n>', 'seed of what is not given (0)', wholeNumber('--seed', 0))
    .option('--expression <name>', 'an expression of the pack, e.g. smile')
    .option('--list', 'list the factors and expressions and stop')
    .addOption(workOptions.backend)
    .allowUnknownOption()
    .allowExcessArguments()
    .action(async (options, command: Command) => {
      const { lookCommand } = await import('./look-command');
      await lookCommand({ ...options, factors: factorFlags(command.args) });
    });
}

function addDemo(program: Command, signal: AbortSignal): void {
  program
    .command('demo')
    .description('animate the bundled look by the bundled driver: offline, a few minutes')
    .option('--out <path>', 'where the animation goes', 'out/demo.webp')
    .option('--frames <n>', 'driver frames', wholeNumber('--frames'))
    .option('--steps-first <n>', 'steps of the first frame', wholeNumber('--steps-first'))
    .option('--steps-next <n>', 'steps of each later frame', wholeNumber('--steps-next'))
    .addOption(workOptions.backend)
    .option('--json <file>', 'write a report')
    .action(async (options) => {
      const { demoCommand } = await import('./animate-command');
      await demoCommand(options, { signal });
    });
}

/** `--age 1.5 --smile=1` to numbers by name. */
function factorFlags(args: readonly string[]): Record<string, number> {
  const factors: Record<string, number> = {};
  const words = args.flatMap((word) =>
    word.startsWith('--') && word.includes('=') ? word.split(/=(.*)/s, 2) : [word],
  );
  for (let i = 0; i < words.length; i += 2) {
    const name = words[i]!;
    if (!name.startsWith('--') || words[i + 1] === undefined) {
      throw new FaceanimError('invalid-option', `${name} is no factor with a value.`, {
        hint: 'Write factors as --age 1.5; faceanim look --list names them.',
      });
    }
    factors[name.slice(2)] = finiteNumber(name)(words[i + 1]!);
  }
  return factors;
}
