import { FaceanimError } from '@faceanim/core';
import type { ByteSource } from './byte-source';

/** A `checkpoint-corrupt` error about `source`, at a byte where one is known. */
export function corrupt(
  source: Pick<ByteSource, 'file'>,
  why: string,
  options: { offset?: number; cause?: unknown; hint?: string } = {},
): FaceanimError {
  return new FaceanimError('checkpoint-corrupt', `${source.file}: ${why}`, {
    hint: 'Download or export the file again and compare its checksum.',
    ...options,
    file: source.file,
  });
}

/** The error of a file that ends before it should. */
export function truncated(
  source: Pick<ByteSource, 'file' | 'size'>,
  offset: number,
  length: number,
): FaceanimError {
  const why = `the file is truncated: it has ${source.size} bytes, but ${length} are needed at byte ${offset}.`;
  return corrupt(source, why, { offset });
}
