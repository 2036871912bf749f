import { type Backend, pause, randomState, readAll, throwIfAborted } from '@faceanim/tensor';
import {
  aFunction,
  anAbortSignal,
  backendCheck,
  checkOptions,
  type OptionChecks,
  seedCheck,
  wholeNumberFrom,
} from '@faceanim/tensor/options';
import * as tf from '@tensorflow/tfjs-core';
import type { Generator } from '../contracts/generator';
import type { LatentStatistics } from '../contracts/latent-statistics';
import type { OnProgress } from '../contracts/progress';
import { generatorCheck } from '../options';
import { mapLatents } from './map-latents';

/**
 * Options of {@link latentStatistics}.
 *
 * @category Latents and pictures
 */
export interface LatentStatisticsOptions {
  /** Number of random z. Default 10000, as in the StyleGAN2 projector. */
  samples?: number;
  /** Seed from which z are drawn, as by numpy's RandomState. Default 123, as in the StyleGAN2 projector. */
  seed?: number;
  /** The backend to run on; it is activated before every batch of samples. Default: the active backend. */
  backend?: Backend;
  signal?: AbortSignal;
  /** Receives the share of samples done, from 0 to 1 (`stage: 'statistics'`). */
  onProgress?: OnProgress;
}

const checks: OptionChecks<LatentStatisticsOptions> = {
  samples: wholeNumberFrom(2),
  seed: seedCheck,
  backend: backendCheck,
  signal: anAbortSignal,
  onProgress: aFunction,
};

/** How many z are drawn, and from which seed, unless the caller says: as in the StyleGAN2 projector. */
export const defaultSampling = { samples: 10000, seed: 123 };

const batch = 1000;

/**
 * Computes mean, deviation and covariance of w = mapping(z) over random z. Conditional generators get an all-zero label.
 *
 * @throws {FaceanimError} `invalid-option` unless there are at least two samples; `aborted`.
 * @category Latents and pictures
 */
export async function latentStatistics(
  generator: Generator,
  options: LatentStatisticsOptions = {},
): Promise<LatentStatistics> {
  generatorCheck(generator, 'The generator of latentStatistics');
  checkOptions('latentStatistics', options, checks);
  const { backend, signal, onProgress } = options;
  const { samples = defaultSampling.samples, seed = defaultSampling.seed } = options;
  const { zDim, wDim } = generator;
  const random = randomState(seed);
  const sum = new Float64Array(wDim);
  const products = new Float64Array(wDim * wDim);
  // Moments about the tracked mean, if there is one: moments about a distant point lose precision by cancellation.
  const shift = generator.wAvg ?? new Float32Array(wDim);
  for (let done = 0; done < samples; done += batch) {
    onProgress?.({ stage: 'statistics', fraction: done / samples });
    await pause();
    throwIfAborted(signal);
    await backend?.activate();
    const n = Math.min(batch, samples - done);
    const z = Float32Array.from(random.randn(n * zDim));
    const [w, ww] = tf.tidy(() => {
      const ws = mapLatents(generator, z);
      const first = tf.reshape(tf.slice(ws, [0, 0, 0], [-1, 1, -1]), [n, wDim]) as tf.Tensor2D;
      const centred = tf.sub<tf.Tensor2D>(first, tf.tensor1d(shift));
      return [tf.sum(centred, 0), tf.matMul(tf.transpose(centred), centred)];
    });
    const [sums, squares] = await readAll([w!, ww!]);
    for (let i = 0; i < wDim; i++) sum[i]! += sums![i]!;
    for (let i = 0; i < products.length; i++) products[i]! += squares![i]!;
  }
  onProgress?.({ stage: 'statistics', fraction: 1 });
  const centre = sum.map((value) => value / samples);
  const covariance = products.map(
    (value, i) => value / samples - centre[Math.floor(i / wDim)]! * centre[i % wDim]!,
  );
  let trace = 0;
  for (let i = 0; i < wDim; i++) trace += covariance[i * wDim + i]!;
  return {
    wDim,
    mean: Float32Array.from(centre, (value, i) => value + shift[i]!),
    std: Math.sqrt(trace),
    covariance,
    sampled: { samples, seed },
  };
}
