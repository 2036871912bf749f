import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeFrame, type ProjectedFrame } from '@faceanim/core';
import type { Quad } from '@faceanim/core/landmarks';
import { asReadError, asWriteError, contentHash } from '@faceanim/media/files';
import { FaceanimError } from '@faceanim/tensor';
import type { DriverClock } from '../animate/timing';
import { locate } from '../files/paths';
import { version } from '../version';
import { frameFile, framesName, lockName, ownerName, recordName } from './names';

/** What decides the latents of a run: a run is only resumed with the same. */
export interface RunIdentity {
  /** Version of the packages. */
  readonly version: string;
  /** Flags that decide the latents, with their values; without those that have their defaults. */
  readonly settings: Readonly<Record<string, string>>;
  /** Hashes of the input files by role, or `none`. */
  readonly contents: Readonly<Record<string, string>>;
}

/** `run.json`: the identity of a run, and what it has made. */
export interface RunRecord extends RunIdentity {
  readonly faceanim: 'run';
  readonly format: 1;
  readonly command: 'animate' | 'demo';
  /** Driver frames, and so latents, per second, on average if they come at irregular times. */
  readonly fps: number;
  /** When driver frames are shown. */
  readonly driverClock: DriverClock;
  /** When the first one that is used is shown, in seconds from the start of the driver. */
  readonly start?: number;
  /** Where the look was cropped in its picture. */
  readonly lookQuad?: Quad | undefined;
  /** Frames of the last complete animation, 0 without one. */
  readonly completed: number;
  /** Files that this run has made: absolute path to hash, or to `folder` for frames, which a list in the folder names. */
  readonly outputs: Readonly<Record<string, string>>;
}

/** The content of a run folder. */
export interface RunState {
  /** Absent if there is no run yet. */
  readonly record: RunRecord | undefined;
  /** Number of finished frames, from frame 0 without a gap. */
  readonly frames: number;
}

/** The record of a new run. */
export function newRecord(
  identity: Omit<RunIdentity, 'version'>,
  facts: Pick<RunRecord, 'command' | 'fps' | 'driverClock' | 'start'>,
): RunRecord {
  return { faceanim: 'run', format: 1, version, ...facts, completed: 0, outputs: {}, ...identity };
}

/**
 * Looks into a run folder without changing it.
 *
 * @throws {FaceanimError} `io` for a file, or a folder of something else; `checkpoint-corrupt` for a damaged `run.json`.
 */
export async function readRun(folder: string): Promise<RunState> {
  const names = await list(folder);
  if (!names.includes(recordName)) {
    const other = names.find((name) => name !== lockName && name !== ownerName);
    if (other === undefined) return { record: undefined, frames: 0 };
    throw new FaceanimError('io', `${folder} is not a run folder: it holds ${other} and no ${recordName}.`, {
      file: folder,
      hint: 'Pass an empty or new folder as --run.',
    });
  }
  const record = await readRecord(join(folder, recordName));
  const frames = new Set(await list(join(folder, framesName)));
  let count = 0;
  while (frames.has(frameFile(count))) count++;
  return { record, frames: count };
}

/**
 * The first `count` finished frames of a run.
 *
 * @throws {FaceanimError} `io` or `checkpoint-corrupt` naming the file of a frame that cannot be read.
 */
export async function readFrames(folder: string, count: number): Promise<ProjectedFrame[]> {
  const frames: ProjectedFrame[] = [];
  for (let i = 0; i < count; i++) {
    const file = join(folder, framesName, frameFile(i));
    const bytes = await readFile(file).catch((error) => {
      throw asReadError(error, file);
    });
    frames.push(decodeFrame(bytes, { file }));
  }
  return frames;
}

/** Whether this run has made the file at `path`, and nobody has changed it since. */
export async function madeBy(record: RunRecord | undefined, path: string): Promise<boolean> {
  const mark = record?.outputs[await locate(path)];
  if (mark === undefined) return false;
  return mark === 'folder' || mark === (await fingerprint(path).catch(() => undefined));
}

/** Identifies the content of a file, or of a folder of frames: 16 hexadecimal digits of its SHA-256. */
export async function fingerprint(path: string): Promise<string> {
  return (await contentHash(path)).slice(0, 16);
}

async function list(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return [];
    // There is a file where the folder should be.
    if (code === 'ENOTDIR') throw asWriteError(error, folder);
    throw asReadError(error, folder);
  }
}

async function readRecord(file: string): Promise<RunRecord> {
  const text = await readFile(file, 'utf8').catch((error) => {
    throw asReadError(error, file);
  });
  let record: Partial<RunRecord> | null = null;
  try {
    record = JSON.parse(text) as Partial<RunRecord> | null;
  } catch {
    // Reported below, like any other unexpected content.
  }
  if (record?.faceanim !== 'run') throw damaged(file, 'is damaged, or not a record of this program');
  if (record.format !== 1)
    throw damaged(file, `has the format ${record.format}, which this version does not know`);
  const { settings, contents, outputs, driverClock, fps, completed } = record;
  const whole = [settings, contents, outputs, driverClock].every(
    (part) => typeof part === 'object' && part !== null,
  );
  if (!whole || !(Number(fps) > 0) || !Number.isInteger(completed)) throw damaged(file, 'is damaged');
  return record as RunRecord;
}

function damaged(file: string, how: string): FaceanimError {
  return new FaceanimError('checkpoint-corrupt', `${file} ${how}.`, {
    file,
    hint: 'Pass another folder as --run, or remove this one if you need nothing in it.',
  });
}
