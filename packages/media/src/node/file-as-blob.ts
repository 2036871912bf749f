import { openAsBlob } from 'node:fs';
import { stat } from 'node:fs/promises';
import { extname } from 'node:path';
import { FaceanimError } from '@faceanim/tensor/errors';
import { isStream } from '../files/atomic-write';
import { asReadError } from '../files/system-errors';

/** Media types of what can be written. */
const types: Readonly<Record<string, string>> = {
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.webp': 'image/webp',
  '.gif': 'image/gif',
  '.mp4': 'video/mp4',
  '.mov': 'video/quicktime',
  '.mkv': 'video/x-matroska',
  '.webm': 'video/webm',
};

/**
 * A written file as a `Blob`, which reads from the disk when it is read.
 *
 * @throws FaceanimError `io` if it is gone; `media` for a folder, device or pipe
 */
export async function fileAsBlob(path: string): Promise<Blob> {
  const stats = await stat(path).catch((error) => {
    throw asReadError(error, path);
  });
  if (stats.isDirectory() || (await isStream(path))) {
    throw new FaceanimError('media', `${path} is not a file that can be read as a Blob.`, {
      file: path,
      hint: 'Write to a file; readVideo reads a folder of frames.',
    });
  }
  return openAsBlob(path, { type: types[extname(path).toLowerCase()] });
}
