import type { Latent, ProjectedFrame } from '../contracts/frames';
import { FaceanimError } from '../errors';
import { decodeSafetensors, encodeSafetensors } from '../safetensors';

/**
 * One finished frame as a safetensors file: `latent` [numWs, wDim], `coordinates`, `curvature`, `noise.*`, and losses, history and
 * index in the metadata. What a run folder is made of.
 */
export function encodeFrame(frame: ProjectedFrame): Uint8Array {
  const { index, latent, coordinates, losses, history, steps, stopReason, curvature, noise = {} } = frame;
  return encodeSafetensors(
    [
      ['latent', { shape: [latent.numWs, latent.wDim], data: latent.data }],
      ['coordinates', { shape: [coordinates.length], data: coordinates }],
      ...(curvature ? [['curvature', { shape: [curvature.length], data: curvature }] as const] : []),
      ...Object.entries(noise).map(
        ([name, data]) => [`noise.${name}`, { shape: [data.length], data }] as const,
      ),
    ],
    { faceanim: JSON.stringify({ index, losses, history, steps, stopReason }) },
  );
}

/**
 * Reads what {@link encodeFrame} wrote.
 *
 * @throws {FaceanimError} `checkpoint-corrupt` naming `file`.
 */
export function decodeFrame(bytes: Uint8Array, { file = 'frame' }: { file?: string } = {}): ProjectedFrame {
  const { tensors, metadata } = decodeSafetensors(bytes, { file });
  const coordinates = tensors.get('coordinates')?.data;
  const facts = parseFacts(metadata.faceanim, file);
  if (!coordinates) throw notOurs(file, 'it has no tensor "coordinates"');
  const curvature = tensors.get('curvature')?.data;
  const noise: Record<string, Float32Array> = {};
  for (const [name, { data }] of tensors) if (name.startsWith('noise.')) noise[name.slice(6)] = data;
  return {
    ...facts,
    latent: latentFrom(tensors.get('latent'), file),
    coordinates,
    ...(curvature && { curvature }),
    ...(Object.keys(noise).length > 0 ? { noise } : {}),
  };
}

/** Latents of a whole run as one safetensors file: `latents` [frames, numWs, wDim]; enough to render again. */
export function encodeLatents(latents: readonly Latent[], metadata: Record<string, string> = {}): Uint8Array {
  const { numWs, wDim } = latents[0] ?? { numWs: 0, wDim: 0 };
  const size = numWs * wDim;
  const data = new Float32Array(latents.length * size);
  latents.forEach((latent, i) => {
    data.set(latent.data, i * size);
  });
  return encodeSafetensors([['latents', { shape: [latents.length, numWs, wDim], data }]], metadata);
}

/**
 * Reads what {@link encodeLatents} wrote.
 *
 * @throws {FaceanimError} `checkpoint-corrupt` naming `file`.
 */
export function decodeLatents(bytes: Uint8Array, { file = 'latents' }: { file?: string } = {}): Latent[] {
  const stack = decodeSafetensors(bytes, { file }).tensors.get('latents');
  if (stack?.shape.length !== 3) throw notOurs(file, 'it has no tensor "latents" [frames, numWs, wDim]');
  const [frames, numWs, wDim] = stack.shape as [number, number, number];
  const size = numWs * wDim;
  return Array.from({ length: frames }, (_, i) => ({
    numWs,
    wDim,
    data: stack.data.slice(i * size, (i + 1) * size),
  }));
}

type Facts = Pick<ProjectedFrame, 'index' | 'losses' | 'history' | 'steps' | 'stopReason'>;

function parseFacts(json: string | undefined, file: string): Facts {
  try {
    const { index, losses, history, steps, stopReason } = JSON.parse(json ?? '') as Facts;
    if (!Number.isInteger(index) || !Number.isInteger(steps) || !Array.isArray(history))
      throw new Error('wrong types');
    return { index, losses, history, steps, stopReason };
  } catch (cause) {
    throw notOurs(file, 'its metadata does not describe one', cause);
  }
}

function latentFrom(
  tensor: { shape: readonly number[]; data: Float32Array } | undefined,
  file: string,
): Latent {
  if (tensor?.shape.length !== 2) throw notOurs(file, 'it has no tensor "latent" [numWs, wDim]');
  const [numWs, wDim] = tensor.shape as [number, number];
  return { numWs, wDim, data: tensor.data };
}

function notOurs(file: string, why: string, cause?: unknown): FaceanimError {
  return new FaceanimError('checkpoint-corrupt', `${file} is no frame of a run: ${why}.`, {
    file,
    cause,
    hint: 'Delete the file; the frame is then computed again.',
  });
}
