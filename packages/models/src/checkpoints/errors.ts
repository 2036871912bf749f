import { FaceanimError } from '@faceanim/tensor';

/** A `checkpoint-corrupt` error about a file, with the offset of the fault if it is known. */
export function corrupt(
  source: { readonly file: string },
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
  source: { readonly file: string; readonly size: number },
  offset: number,
  length: number,
): FaceanimError {
  const why = `the file is truncated: it has ${source.size} bytes, but ${length} are needed at byte ${offset}.`;
  return corrupt(source, why, { offset });
}
