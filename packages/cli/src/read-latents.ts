import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { asReadError } from '@faceanim/backend-node';
import { decodeFrame, decodeLatents, decodeSafetensors, FaceanimError, type Latent } from '@faceanim/core';
import { latentsFormat, latentsName } from './run-folder';
import { frameFile, framesName, readRun, recordName } from './run-record';

/** Latents of an earlier run, and what it kept about them. */
export interface KeptLatents {
  readonly latents: readonly Latent[];
  /** Latents a second. */
  readonly fps?: number;
  /** Hash of the generator that they are of. */
  readonly generator?: string;
  /** Whether the run was stopped before its animation was complete. */
  readonly unfinished: boolean;
}

/**
 * Reads `latents.safetensors`, or a run folder, of which an unfinished one has the frames that are finished.
 *
 * @throws {FaceanimError} `io` or `checkpoint-corrupt` naming the file.
 */
export async function readLatents(path: string): Promise<KeptLatents> {
  const stats = await stat(path).catch((error) => {
    throw asReadError(error, path);
  });
  return stats.isDirectory() ? readRunFolder(path) : readLatentsFile(path);
}

async function readRunFolder(folder: string): Promise<KeptLatents> {
  const whole = join(folder, latentsName);
  if (!(await exists(join(folder, recordName)))) return readLatentsFile(whole);
  const { record, frames } = await readRun(folder);
  if (!record || (frames === 0 && record.completed === 0)) {
    throw new FaceanimError('io', `${folder} holds no finished frames.`, {
      file: folder,
      hint: 'Pass the folder of a run, or its latents.safetensors.',
    });
  }
  // Frames are only missing where somebody has removed them.
  if (frames < record.completed) return readLatentsFile(whole);
  const latents: Latent[] = [];
  for (let i = 0; i < frames; i++) {
    const file = join(folder, framesName, frameFile(i));
    latents.push(decodeFrame(await read(file), { file }).latent);
  }
  const { fps, contents } = record;
  return { latents, fps, generator: contents.generator, unfinished: frames > record.completed };
}

async function readLatentsFile(file: string): Promise<KeptLatents> {
  const bytes = await read(file);
  const latents = decodeLatents(bytes, { file });
  const { format, fps, generator } = decodeSafetensors(bytes, { file }).metadata;
  if (format !== undefined && format !== latentsFormat) {
    throw new FaceanimError(
      'checkpoint-corrupt',
      `${file} has the format ${format}, which this version does not know.`,
      {
        file,
        hint: 'Render it with the version of faceanim that wrote it.',
      },
    );
  }
  return { latents, unfinished: false, generator, ...(Number(fps) > 0 ? { fps: Number(fps) } : {}) };
}

function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}

async function read(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (error) {
    throw asReadError(error, file);
  }
}
