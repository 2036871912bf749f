import { latentTensorNames, readLatents } from '@faceanim/models';
import type { Checkpoint } from '@faceanim/models/checkpoints';
import { FaceanimError } from '@faceanim/tensor';

/** Latents that a file holds instead of networks. */
export interface LatentsSummary {
  readonly frames: number;
  /** Of one latent: [numWs, wDim]. */
  readonly shape: readonly [number, number];
}

/** Describes the latents of a run or of a projector; undefined for a file of anything else. */
export async function describeLatents(
  { file, tensors, metadata }: Checkpoint,
  signal: AbortSignal,
): Promise<LatentsSummary | undefined> {
  const others = [...tensors.keys()].filter((name) => !['', ...latentTensorNames].includes(name));
  // Weights of an unknown network may have the shape of latents.
  const isFrame = metadata.faceanim !== undefined;
  const isOurs = isFrame || others.every((name) => /^(shots$|noise\.)/.test(name));
  if (!isOurs || others.length === tensors.size) return undefined;
  try {
    const { latents } = await readLatents(file, { signal });
    const { numWs, wDim } = latents[0]!;
    return { frames: latents.length, shape: [numWs, wDim] };
  } catch (error) {
    if (FaceanimError.isInstance(error, 'weights-mismatch')) return undefined;
    throw error;
  }
}
