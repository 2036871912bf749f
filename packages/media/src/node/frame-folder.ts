import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { FaceanimError } from '@faceanim/tensor/errors';
import { writeFileAtomic } from '../files/atomic-write';
import { makeFolder } from '../files/make-folder';
import { asReadError, asWriteError } from '../files/system-errors';
import { removeLeftovers } from '../files/temporary-files';

/** The file in a folder of frames that says how many of them, from 000000.png on, this package has written. */
const manifestName = 'faceanim.json';
const format = 1;
/** Names of what a reader might take for a frame. */
const picture = /^[^.].*\.(png|jpe?g|jfif|webp|tiff?|avif|gif|bmp|heic|heif)$/i;

/** The name of a frame in a folder: `000007.png`. */
export function frameName(index: number): string {
  return `${String(index).padStart(6, '0')}.png`;
}

/** A folder that frames are written to. Frames of an earlier run may be replaced, other files never. */
export interface FrameFolder {
  /** Must be called before frame `index` is written, so that it counts as ours even if the run is killed. */
  claim(index: number): Promise<void>;
  /** Removes frames of an earlier run from `count` on. */
  finish(count: number): Promise<void>;
}

/**
 * Counts the frames of a folder that are ours.
 *
 * @throws FaceanimError `io` if it holds other pictures, or frames that may not be overwritten
 */
export async function checkFrameFolder(path: string, { overwrite = true } = {}): Promise<number> {
  const names = await list(path);
  const ours = names.includes(manifestName) ? await readManifest(path) : 0;
  const isOurs = (name: string) => {
    const index = Number.parseInt(name, 10);
    return index < ours && name === frameName(index);
  };
  const foreign = names.find((name) => picture.test(name) && !isOurs(name));
  if (foreign !== undefined) {
    throw new FaceanimError('io', `${path} holds pictures that this program did not write, ${foreign}.`, {
      file: join(path, foreign),
      hint: 'Write into a new folder.',
    });
  }
  if (!overwrite && names.some(isOurs)) {
    throw new FaceanimError('io', `${path} holds frames already.`, {
      file: path,
      hint: 'Choose another folder, or pass overwrite: true.',
    });
  }
  return ours;
}

/** Makes a folder of frames, or takes over one of ours. @throws FaceanimError as {@link checkFrameFolder} */
export async function openFrameFolder(path: string, options?: { overwrite?: boolean }): Promise<FrameFolder> {
  const before = await checkFrameFolder(path, options);
  await makeFolder(path);
  await removeLeftovers(path);
  let claimed = before;
  const write = (frames: number) => {
    claimed = frames;
    const manifest = { faceanim: 'frames', format, frames };
    return writeFileAtomic(join(path, manifestName), `${JSON.stringify(manifest)}\n`);
  };
  return {
    // In growing steps, so that a long run does not write its manifest for every frame.
    claim: async (index) => {
      if (index >= claimed) await write(Math.max(16, 2 * index));
    },
    finish: async (count) => {
      try {
        for (let i = count; i < before; i++) await rm(join(path, frameName(i)), { force: true });
      } catch (error) {
        throw asWriteError(error, path);
      }
      await write(count);
    },
  };
}

async function list(path: string): Promise<string[]> {
  try {
    return await readdir(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw asWriteError(error, path);
  }
}

async function readManifest(folder: string): Promise<number> {
  const file = join(folder, manifestName);
  const text = await readFile(file, 'utf8').catch((error) => {
    throw asReadError(error, file);
  });
  try {
    const manifest = JSON.parse(text) as { faceanim?: unknown; format?: unknown; frames?: unknown };
    const { frames } = manifest;
    if (manifest.faceanim === 'frames' && manifest.format === format && Number.isInteger(frames)) {
      return frames as number;
    }
  } catch {
    // Reported below, like any other unexpected content.
  }
  throw new FaceanimError('io', `${file} does not say which frames are ours.`, {
    file,
    hint: 'Write into a new folder, or remove this one yourself.',
  });
}
