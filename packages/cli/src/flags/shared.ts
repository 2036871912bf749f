import type { BackendName } from '@faceanim/tensor';
import { Option } from 'commander';
import { choice, flag, wholeNumber } from './parse';

/** The same as `backendNames`, but listed in the help without loading a backend. */
export const backendChoices: readonly BackendName[] = ['cuda', 'webgpu', 'cpu', 'wasm', 'js'];

/** Flags that several commands have. */
export const shared = {
  quiet: new Option('--quiet', 'no progress'),
  overwrite: new Option('--overwrite', 'replace existing outputs'),
  backend: choice('--backend <name>', 'tensor backend (the best one available)', backendChoices),
  allowSoftware: new Option('--allow-software', 'accept a GPU backend that is emulated in software'),
  interpolation: choice('--interpolation <method>', 'interpolation between latents (linear)', [
    'linear',
    'catmull-rom',
  ]),
  generator: new Option('--generator <file>', 'StyleGAN2 or StyleGAN3 checkpoint (bundled pack)'),
  fan: new Option('--fan <file>', 'FAN checkpoint, the landmark network (bundled pack)'),
  fanModules: flag('--fan-modules <n>', 'run only the first n modules of the FAN (all)', wholeNumber()),
};
