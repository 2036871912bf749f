import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { frameNames } from '../node/sources/folder';
import { asReadError } from './atomic-write';

/**
 * SHA-256, as hexadecimal digits, of a file, or of a folder of frames: of the hashes of its pictures in their order,
 * whatever they are called. The same content has the same hash under any name.
 *
 * @throws FaceanimError `io` naming the file
 */
export async function contentHash(path: string): Promise<string> {
  try {
    if (!(await stat(path)).isDirectory()) return await fileHash(path);
  } catch (error) {
    throw asReadError(error, path);
  }
  const hash = createHash('sha256');
  for (const name of await frameNames(path)) {
    const frame = join(path, name);
    hash.update(
      await fileHash(frame).catch((error) => {
        throw asReadError(error, frame);
      }),
    );
  }
  return hash.digest('hex');
}

async function fileHash(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
