import type { LatentStatistics } from '@faceanim/core';
import { decodeSafetensors } from '@faceanim/tensor';
import type { AvatarFile } from '../avatar-files';
import { checkWeights, weightOf } from '../networks/check-weights';

/** The file of the pack with the latent statistics of its generator. `tools/update-avatar-pack.mjs` writes it. */
export const statisticsFile = 'statistics.safetensors' satisfies AvatarFile;

/**
 * Reads latent statistics from the content of their file: `mean` `[wDim]`, `covariance` `[wDim, wDim]`, and in the metadata
 * `samples` and `seed`.
 *
 * @throws FaceanimError `checkpoint-corrupt` or `weights-mismatch`.
 */
export function parseStatistics(bytes: Uint8Array): LatentStatistics {
  const { tensors, metadata } = decodeSafetensors(bytes, { file: statisticsFile });
  // Where a size is 0 or missing, 1 is expected, so that the shapes do not match.
  const wDim = tensors.get('mean')?.shape[0] || 1;
  const shapes = { mean: [wDim], covariance: [wDim, wDim] };
  checkWeights(tensors, shapes, { network: 'latent statistics', file: statisticsFile });
  const covariance = Float64Array.from(weightOf(tensors, 'covariance').data);
  let trace = 0;
  for (let i = 0; i < wDim; i++) trace += covariance[i * wDim + i]!;
  return {
    wDim,
    mean: weightOf(tensors, 'mean').data,
    std: Math.sqrt(trace),
    covariance,
    sampled: { samples: Number(metadata.samples), seed: Number(metadata.seed) },
  };
}
