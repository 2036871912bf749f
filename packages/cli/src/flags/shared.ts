import type { BackendName } from '@faceanim/tensor';
import { Option } from 'commander';
import { wordOption } from './parse';

/** The names of `backendNames`, which the help lists without loading any backend. */
export const backendChoices = ['cuda', 'webgpu', 'cpu', 'wasm', 'js'] as const satisfies BackendName[];

/** Options of several commands. */
export const sharedOptions = {
  quiet: new Option('--quiet', 'no progress'),
  backend: wordOption('--backend <name>', 'tensor backend; default: the best that comes up', backendChoices),
  overwrite: new Option('--overwrite', 'replace outputs that exist'),
  interpolation: wordOption('--interpolation <method>', 'between latents (linear)', [
    'linear',
    'catmull-rom',
  ]),
  allowSoftware: new Option('--allow-software', 'also a GPU backend on a software adapter'),
};
