import type { Generator, Latent } from '@faceanim/core';
import { FaceanimError, type HostTensor } from '@faceanim/tensor';
import { anAbortSignal, checkOptions } from '@faceanim/tensor/options';
import { type Checkpoint, type CheckpointSource, openCheckpoint } from '../checkpoints';

/** Latents read from a file, in the shape they have there. */
export interface StoredLatents {
  /** Path or name of the file. */
  readonly file: string;
  /** In order, at least one; `numWs` is 1 if the file has one w for all layers. */
  readonly latents: readonly Latent[];
  /** Metadata of the file; files of this SDK have `fps` and `generator`. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** Names that tensors of latents have in files of this SDK and of projectors, the most specific first. */
export const latentTensorNames: readonly string[] = ['latents', 'latent', 'ws', 'w', 'projected_w'];

/** Name of the tensor with the shot of each latent, in files of this SDK. */
const shotsName = 'shots';

const withShot = (latent: Latent, shot: number | undefined): Latent =>
  shot === undefined ? latent : { ...latent, shot };

/**
 * Reads latents from a file that any projector wrote: NVIDIA's `projected_w.npz` (`w` [1, numWs, wDim]), a NumPy array
 * (`.npy`), a torch tensor or dict (`.pt`), safetensors, and this SDK's `latents.safetensors` and frames of runs.
 *
 * Tensors are [frames, numWs, wDim], [numWs, wDim] (one W+), [frames, 1, wDim], [1, wDim] or [wDim] (one w for all layers).
 * They are found by name (`latents`, `latent`, `ws`, `w`, `projected_w`, in any container), or as the only tensor of the
 * file.
 *
 * @throws FaceanimError `weights-mismatch` for a file without latents or with other shapes; `checkpoint-corrupt` for
 *   numbers that are not finite; else as {@link openCheckpoint} does
 *
 * @example
 * const latents = fitLatents(await readLatents('projected_w.npz'), generator);
 */
export async function readLatents(
  source: CheckpointSource,
  options: { signal?: AbortSignal } = {},
): Promise<StoredLatents> {
  checkOptions('readLatents', options, { signal: anAbortSignal });
  await using checkpoint = await openCheckpoint(source, options);
  const { file, metadata } = checkpoint;
  const shots = checkpoint.tensors.has(shotsName) ? [shotsName] : [];
  const stored = new Map(await checkpoint.read({ names: [...latentNames(checkpoint), ...shots] }));
  const indices = stored.get(shotsName)?.data;
  stored.delete(shotsName);
  const latents = [...stored].flatMap(([name, tensor]) => split(file, name, tensor));
  return { file, latents: latents.map((latent, i) => withShot(latent, indices?.[i])), metadata };
}

/**
 * Fits latents to a generator: a single w is repeated for every layer.
 *
 * @throws FaceanimError `weights-mismatch` with both shapes for latents of another generator
 */
export function fitLatents(
  { latents, file }: Pick<StoredLatents, 'latents' | 'file'>,
  { numWs, wDim }: Pick<Generator, 'numWs' | 'wDim'>,
): Latent[] {
  return latents.map((latent) => {
    if (latent.wDim !== wDim || (latent.numWs !== numWs && latent.numWs !== 1)) {
      throw new FaceanimError(
        'weights-mismatch',
        `The latents of ${file} are [${latent.numWs}, ${latent.wDim}], the generator takes [${numWs}, ${wDim}].`,
        { file, hint: 'Pass the generator that they were made with.' },
      );
    }
    if (latent.numWs === numWs) return latent;
    const data = new Float32Array(numWs * wDim);
    for (let layer = 0; layer < numWs; layer++) data.set(latent.data, layer * wDim);
    return { ...latent, numWs, data };
  });
}

function latentNames({ tensors, file }: Checkpoint): string[] {
  const all = [...tensors.keys()];
  if (all.length === 1) return all;
  for (const wanted of latentTensorNames) {
    const found = all.filter((name) => name === wanted || name.endsWith(`.${wanted}`));
    if (found.length > 0) return found;
  }
  throw new FaceanimError(
    'weights-mismatch',
    `${file} holds no latents: none of its ${all.length} tensors is called ${latentTensorNames.join(', ')}.`,
    {
      file,
      hint: 'Pass latents.safetensors of a run, projected_w.npz of a projector, or a tensor as .npy or .pt.',
    },
  );
}

function split(file: string, name: string, { shape, data }: HostTensor): Latent[] {
  const [frames, numWs, wDim] = [...Array(Math.max(3 - shape.length, 0)).fill(1), ...shape] as number[];
  if (shape.length < 1 || shape.length > 3 || data.length === 0) {
    throw new FaceanimError(
      'weights-mismatch',
      `${name || 'The array'} of ${file} is [${shape.join(', ')}], which is no latent.`,
      { file, hint: 'Latents are [frames, numWs, wDim], [numWs, wDim], [1, wDim] or [wDim].' },
    );
  }
  if (!data.every(Number.isFinite)) {
    throw new FaceanimError(
      'checkpoint-corrupt',
      `${name || 'The array'} of ${file} holds values that are not finite.`,
      {
        file,
        hint: 'The projection that wrote the file diverged; use another one.',
      },
    );
  }
  const size = numWs! * wDim!;
  return Array.from({ length: frames! }, (_, i) => ({
    numWs: numWs!,
    wDim: wDim!,
    data: data.slice(i * size, (i + 1) * size),
  }));
}
