import { FaceanimError, invalidOption, isTensor } from '@faceanim/tensor/errors';
import type { FrameOrigin, FrameStore, Latent, ProjectedFrame } from '../contracts/frames';

/**
 * A latent, or an object with one, such as a projected frame.
 *
 * @category Latents and pictures
 */
export type LatentSource = Latent | { readonly latent: Latent };

/**
 * The latent of a {@link LatentSource}.
 *
 * @param position its index, for the message.
 * @throws {FaceanimError} `invalid-option` if there is none, or one with numbers that are not finite.
 */
export function latentOf(source: LatentSource, position: number): Latent {
  const { latent = source } = (source ?? {}) as { latent?: LatentSource };
  if (!isLatent(latent)) {
    const expected = 'a latent {numWs, wDim, data} with numWs × wDim numbers, or a projected frame';
    throw invalidOption(`Latent ${position}`, source, expected, guessLatents(source));
  }
  if (!latent.data.every(Number.isFinite))
    throw new FaceanimError('invalid-option', `Latent ${position} has numbers that are not finite.`);
  return latent;
}

/** Guesses that a tensor, such as that of `mapLatents`, or bare numbers were meant to be latents, and says how to pass them. */
export function guessLatents(value: unknown): string | undefined {
  if (isTensor(value))
    return 'each of its latents as {numWs, wDim, data}, with data from await tensor.data()';
  return value instanceof Float32Array ? '{numWs, wDim, data}, with these numbers as data' : undefined;
}

/** Like {@link guessLatents}, where a list is expected and a single latent may have been given. */
export function guessLatentList(value: unknown): string | undefined {
  const { latent = value } = (value ?? {}) as { latent?: unknown };
  return isLatent(latent) ? 'a list with this latent, [latent]' : guessLatents(value);
}

/** Whether a value is a latent whose data has the right length. */
export function isLatent(value: unknown): value is Latent {
  const { numWs, wDim, data } = (value ?? {}) as Partial<Latent>;
  return data instanceof Float32Array && data.length > 0 && data.length === numWs! * wDim!;
}

/** Whether a value has what a run needs to resume from it. */
export function isProjectedFrame(value: unknown): value is ProjectedFrame {
  const { latent, lookLatent, coordinates, history, origin } = (value ?? {}) as Partial<ProjectedFrame>;
  return (
    isLatent(latent) &&
    (lookLatent === undefined || isLatent(lookLatent)) &&
    coordinates instanceof Float32Array &&
    Array.isArray(history) &&
    isOrigin(origin)
  );
}

/** Whether a value is a store of frames. */
export function isFrameStore(value: unknown): value is FrameStore {
  // Strings have both, too.
  const { length, at } = Object(typeof value === 'object' ? value : {}) as Partial<FrameStore>;
  return Number.isInteger(length) && typeof at === 'function';
}

/** Whether a value is the origin of a frame. */
export function isOrigin(origin: Partial<FrameOrigin> | null | undefined): origin is FrameOrigin {
  const { sdk, settings, mean } = origin ?? {};
  const isWritten = typeof sdk === 'string' && typeof settings === 'object' && settings !== null;
  return isWritten && Array.isArray(mean) && mean.every(Number.isFinite);
}
