import { stat } from 'node:fs/promises';
import { asReadError } from './system-errors';

/** Whether there is a folder at a path, and not a file. @throws FaceanimError `io` if there is neither */
export async function isFolder(path: string): Promise<boolean> {
  const stats = await stat(path).catch((error) => {
    throw asReadError(error, path);
  });
  return stats.isDirectory();
}
