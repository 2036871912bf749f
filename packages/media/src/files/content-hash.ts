import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { isFolder } from './is-folder';
import { pictureNames } from './picture-names';
import { asReadError } from './system-errors';

/**
 * SHA-256 of a file as hexadecimal digits. For a folder of frames: of the hashes of its pictures in order, whatever their
 * names are. The same content has the same hash under any name.
 *
 * @throws FaceanimError `io` naming the file
 */
export async function contentHash(path: string): Promise<string> {
  if (!(await isFolder(path))) return fileHash(path);
  const hash = createHash('sha256');
  for (const name of await pictureNames(path)) hash.update(await fileHash(join(path, name)));
  return hash.digest('hex');
}

async function fileHash(path: string): Promise<string> {
  const hash = createHash('sha256');
  try {
    for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  } catch (error) {
    throw asReadError(error, path);
  }
  return hash.digest('hex');
}
