import Module, { createRequire } from 'node:module';
import type * as tf from '@tensorflow/tfjs-core';

/** What is used of `@tensorflow/tfjs`. */
export interface Tfjs {
  loadGraphModel(handler: tf.io.IOHandler): Promise<{ execute(input: tf.Tensor, output: string): tf.Tensor }>;
}

/**
 * Loads `@tensorflow/tfjs`, also for packages that require it later, without its backends: `@tensorflow/tfjs-node` brings another
 * copy of them, and tfjs warns of each kernel that a second copy registers.
 */
export function requireTfjs(): Tfjs {
  // By `require`, since the package would bring the types of all of tfjs with it.
  const require = createRequire(createRequire(import.meta.url).resolve('@tensorflow/tfjs'));
  const backends = ['cpu', 'webgl'].map((name) => require.resolve(`@tensorflow/tfjs-backend-${name}`));
  const left = backends.filter((file) => !require.cache[file]);
  for (const file of left) require.cache[file] = Object.assign(new Module(file), { loaded: true });
  try {
    return require('@tensorflow/tfjs') as Tfjs;
  } finally {
    for (const file of left) delete require.cache[file];
  }
}
