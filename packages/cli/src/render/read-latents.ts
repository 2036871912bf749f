import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Latent } from '@faceanim/core';
import type { Quad } from '@faceanim/core/landmarks';
import { asReadError } from '@faceanim/media/files';
import { readLatents as readStored } from '@faceanim/models';
import { FaceanimError } from '@faceanim/tensor';
import { runFolderOf } from '../animate/plan-outputs';
import { driverTime, irregularTimes } from '../animate/timing';
import { exists } from '../files/paths';
import { readFrame } from '../run/finished-frames';
import { latentsFormat, latentsName, recordName } from '../run/names';
import { readRun } from '../run/record';

/** Latents of an earlier run or of another projector, and what their file says about them. */
export interface KeptLatents {
  /** Not yet fitted to a generator: other projectors may store one w for all layers. */
  readonly latents: readonly Latent[];
  /** Latents per second, on average if they come at irregular times. */
  readonly fps?: number;
  /** For irregular times: when each is shown, in seconds from the first. */
  readonly times?: readonly number[];
  /** When the first is shown, in seconds from the start of the driver. */
  readonly start: number;
  /** Hash of the driver. */
  readonly driver?: string;
  /** Hash of their generator. */
  readonly generator?: string;
  /** Hash of the look's picture, and where it was cropped, if it was. */
  readonly look?: { readonly hash: string | undefined; readonly quad: Quad | undefined };
  /** Whether the run stopped before its animation was complete. */
  readonly unfinished: boolean;
}

/**
 * Reads a run folder, finished or not, its `latents.safetensors`, or latents of another projector.
 *
 * @throws {FaceanimError} `io`, `checkpoint-corrupt` or `weights-mismatch` naming the file.
 */
export async function readLatents(path: string, signal?: AbortSignal): Promise<KeptLatents> {
  const stats = await stat(path).catch((error) => {
    throw asReadError(error, path);
  });
  try {
    return await (stats.isDirectory() ? readRunFolder(path, signal) : readLatentsFile(path, signal));
  } catch (error) {
    throw await namingItsRun(error, path);
  }
}

/** Points from an animation to the run folder beside it. */
async function namingItsRun(error: unknown, path: string): Promise<unknown> {
  const run = runFolderOf({ out: path });
  const hasRun = run !== path && (await exists(join(run, recordName)));
  if (!hasRun || !FaceanimError.isInstance(error) || error.code === 'aborted') return error;
  const { code, message } = error;
  return new FaceanimError(code, message, { file: path, cause: error, hint: `Pass the run folder: ${run}` });
}

async function readRunFolder(folder: string, signal: AbortSignal | undefined): Promise<KeptLatents> {
  const whole = join(folder, latentsName);
  if (!(await exists(join(folder, recordName)))) return readLatentsFile(whole, signal);
  const { record, frames } = await readRun(folder);
  if (!record || (frames === 0 && record.completed === 0)) {
    throw new FaceanimError('io', `${folder} holds no finished frames.`, {
      file: folder,
      hint: 'Pass the folder of a run, or its latents.safetensors.',
    });
  }
  const { fps, contents, completed } = record;
  const known = {
    ...{ generator: contents.generator, driver: contents.driver },
    look: { hash: contents.look, quad: record.lookQuad },
  };
  // The latents of a complete animation are in one file: of a refined one, the frames are those before refinement.
  if (frames < completed || (frames === completed && (await exists(whole))))
    return { ...(await readLatentsFile(whole, signal)), ...known };
  const latents: Latent[] = [];
  const shown: number[] = [];
  for (let i = 0; i < frames; i++) {
    const { latent, driverIndex } = await readFrame(folder, i);
    latents.push(latent);
    shown.push(driverTime(record.driverClock, driverIndex));
  }
  const times = irregularTimes(shown, fps);
  return {
    ...{ latents, fps },
    ...timing(times, record.start),
    ...known,
    unfinished: frames > completed,
  };
}

async function readLatentsFile(file: string, signal: AbortSignal | undefined): Promise<KeptLatents> {
  const { latents, metadata } = await readStored(file, { signal });
  const { format, fps, generator } = metadata;
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
  const times = timesOf(metadata.times, latents.length, file);
  const rate = Number(fps) > 0 ? { fps: Number(fps) } : {};
  return { latents, unfinished: false, generator, ...rate, ...timing(times, Number(metadata.start ?? 0)) };
}

/** The times in the metadata of a file of latents. @throws {FaceanimError} `checkpoint-corrupt` if they are not one for each. */
function timesOf(json: string | undefined, count: number, file: string): number[] | undefined {
  if (json === undefined) return undefined;
  try {
    const times: unknown = JSON.parse(json);
    if (Array.isArray(times) && times.length === count && times.every(Number.isFinite)) return times;
  } catch {
    // Reported below, like any other unexpected content.
  }
  throw new FaceanimError('checkpoint-corrupt', `${file} does not say when its latents are shown.`, {
    file,
    hint: 'Render the run folder, or run animate with --resume to write the file again.',
  });
}

/** Times from the first latent on: a driver may begin with frames without a face. */
function timing(times?: readonly number[], start = 0): Pick<KeptLatents, 'times' | 'start'> {
  const first = times?.[0];
  if (first === undefined) return { start };
  return { times: times!.map((time) => time - first), start: start + first };
}
