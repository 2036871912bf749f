import { FaceanimError } from '@faceanim/tensor';
import type { Part, PreparedClip } from './prepared-clip';

/**
 * A part of a prepared clip, to be optimised by itself.
 *
 * @throws {FaceanimError} `invalid-option` for a part that is not in the clip.
 */
export function partOf(clip: PreparedClip, { start, end }: Pick<Part, 'start' | 'end'>): PreparedClip {
  const [from, to] = [start - clip.start, end - clip.start];
  if (!(from >= 0 && from < to && to <= clip.frames.length)) {
    const [first, last] = [clip.start, clip.start + clip.frames.length - 1];
    throw new FaceanimError(
      'invalid-option',
      `The part of frames ${start} to ${end - 1} is not in the clip, which has frames ${first} to ${last}.`,
    );
  }
  return { ...clip, start, frames: clip.frames.slice(from, to), hashes: clip.hashes.slice(from, to) };
}
