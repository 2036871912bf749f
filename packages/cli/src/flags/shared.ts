import type { BackendName } from '@faceanim/tensor';
import { Option } from 'commander';
import { choice, finiteNumber, flag, wholeNumber } from './parse';

/** The same as `backendNames`, but listed in the help without loading a backend. */
export const backendChoices: readonly BackendName[] = ['cuda', 'webgpu', 'cpu', 'wasm', 'js'];

/** Flags that several commands have, made anew for each: Commander notes in a flag in which group it is listed. */
export const shared = {
  driver: () =>
    new Option(
      '--driver <path>',
      'the video to follow, an animated picture or a folder of frames',
    ).makeOptionMandatory(),
  quiet: () => new Option('--quiet', 'print no progress, only warnings'),
  overwrite: () => new Option('--overwrite', 'replace existing outputs'),
  report: () =>
    new Option(
      '--report <file>',
      '.html: write a page that shows the run, and its numbers beside it as .json; .json: the numbers alone',
    ),
  json: () => new Option('--json', 'print the numbers of the run as JSON'),
  backend: () => choice('--backend <name>', 'tensor backend (the best one available)', backendChoices),
  allowSoftware: () => new Option('--allow-software', 'accept a GPU backend that is emulated in software'),
  interpolation: () =>
    choice(
      '--interpolation <method>',
      'interpolation between latents (b-spline, which steadies them, from 20 latents a second, else linear)',
      ['linear', 'catmull-rom', 'b-spline'],
    ),
  fps: () => flag('--fps <n>', 'output frame rate, in place of sub-frames', finiteNumber),
  generator: () => new Option('--generator <file>', 'StyleGAN2 or StyleGAN3 checkpoint (bundled pack)'),
  fan: () => new Option('--fan <file>', 'FAN checkpoint, the landmark network (bundled pack)'),
  fanModules: () => flag('--fan-modules <n>', 'run only the first n modules of the FAN (all)', wholeNumber()),
  noAudio: () => new Option('--no-audio', 'leave out the sound of the driver'),
  noAiTag: () => new Option('--no-ai-tag', 'leave out the metadata that says that a model made the pictures'),
};
