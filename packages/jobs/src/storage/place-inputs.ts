import { realpath, stat } from 'node:fs/promises';
import { extname } from 'node:path';
import { asReadError } from '@faceanim/media/files';
import { throwIfAborted } from '@faceanim/tensor/errors';
import { type AnimateJob, type InputName, type JobFile, jobInputs } from '../job';
import type { PlacedInputs, Storage } from './storage';

/**
 * Puts the inputs of a job into a folder of the storage, unless they are on it already, and returns their places.
 *
 * @throws {FaceanimError} `io` naming the file; `aborted`
 */
export async function placeInputs(
  storage: Storage,
  folder: string,
  job: AnimateJob,
  signal?: AbortSignal,
): Promise<PlacedInputs> {
  const inputs: Partial<Record<InputName, string>> = {};
  for (const name of Object.keys(jobInputs) as InputName[]) {
    const file = job[name];
    if (file === undefined) continue;
    try {
      inputs[name] = await place(storage, name, folder, file, signal);
    } catch (error) {
      throwIfAborted(signal);
      throw error;
    }
    throwIfAborted(signal);
  }
  return inputs;
}

async function place(
  storage: Storage,
  name: InputName,
  folder: string,
  file: JobFile,
  signal: AbortSignal | undefined,
): Promise<string> {
  const target = `${folder}/${jobInputs[name]}`;
  if (typeof file !== 'string') {
    const withExtension = target + extensionOf((file as Partial<File>).name);
    await storage.put(file, withExtension, signal);
    return withExtension;
  }
  const found = await storage.find(file, name);
  if (found !== undefined) return found;
  const source = await realpath(file).catch((error) => {
    throw asReadError(error, file);
  });
  const withExtension = (await stat(source)).isDirectory() ? target : target + extensionOf(source);
  await storage.put(source, withExtension, signal);
  return withExtension;
}

/** The extension of a name that a stranger may have chosen. */
function extensionOf(name = ''): string {
  const extension = extname(name).toLowerCase();
  return /^\.[a-z0-9]{1,11}$/.test(extension) ? extension : '';
}
