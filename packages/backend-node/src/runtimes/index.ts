import { js } from './js';
import type { RuntimeFactory } from './runtime';
import { wasm } from './wasm';

/** Every runtime of this package, fastest first: the order in which they are probed. */
export const runtimes: readonly RuntimeFactory[] = [wasm, js];
