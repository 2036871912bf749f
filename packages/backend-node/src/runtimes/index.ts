import type { RuntimeFactory } from '@faceanim/tensor/backends';
import { js } from './js';
import { cpu, cuda } from './tfjs-node';
import { wasm } from './wasm';
import { webgpu } from './webgpu';

/** All runtimes of this package, fastest first: the order in which they are tried. */
export const runtimes: readonly RuntimeFactory[] = [cuda, webgpu, cpu, wasm, js];
