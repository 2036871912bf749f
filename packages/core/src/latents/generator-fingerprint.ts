import { randomState, read } from '@faceanim/tensor';
import * as tf from '@tensorflow/tfjs-core';
import type { Generator } from '../contracts/generator';
import { mapLatents } from './map-latents';

/** Number of components of w that are kept. */
const components = 16;

/**
 * What tells a generator from others: the first components of the w that it maps one fixed z to, at most 16. Those of the same
 * generator agree up to rounding on all backends.
 *
 * @category Latents and pictures
 */
export async function generatorFingerprint(generator: Generator): Promise<Float32Array> {
  const { zDim, wDim } = generator;
  const w = tf.tidy(() => {
    const ws = mapLatents(generator, Float32Array.from(randomState(0).randn(zDim)));
    return tf.slice(ws, [0, 0, 0], [1, 1, Math.min(components, wDim)]);
  });
  return await read(w);
}

/**
 * Whether two fingerprints are those of the same generator: those of different ones differ by about their size.
 *
 * @category Networks and backends
 */
export function sameGenerator(a: Float32Array, b: Float32Array): boolean {
  const tolerance = 1e-2 * Math.hypot(...b);
  return a.length === b.length && a.every((x, i) => Math.abs(x - b[i]!) <= tolerance);
}
