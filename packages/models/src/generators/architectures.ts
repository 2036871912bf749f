import type { GeneratorArchitecture } from './architecture';
import { rosinality } from './stylegan2/rosinality';
import { stylegan2 } from './stylegan2/stylegan2';
import { stylegan3 } from './stylegan3/stylegan3';

/** Generators that can be loaded. */
export const generators: readonly GeneratorArchitecture[] = [stylegan3, stylegan2, rosinality];
