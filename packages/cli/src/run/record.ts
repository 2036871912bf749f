import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Quad } from '@faceanim/core/landmarks';
import { asReadError, asWriteError, contentHash, isTemporaryName } from '@faceanim/media/files';
import { FaceanimError } from '@faceanim/tensor';
import type { DriverClock } from '../animate/timing';
import { locate } from '../files/paths';
import { version } from '../version';
import { frameFile, framesName, lockName, partsName, planName, recordName } from './names';

/** What decides the latents of a run: a run is only resumed with the same. */
export interface RunIdentity {
  /** Version of the packages. */
  readonly version: string;
  /** Flags that decide the latents, with their values; without those that have their defaults. */
  readonly settings: Readonly<Record<string, string>>;
  /** Hashes of the input files by role, or `none`. */
  readonly contents: Readonly<Record<string, string>>;
  /** Number of driver frames, with those that `--every` leaves out, if latents depend on it and the driver says. */
  readonly driverFrames?: number | undefined;
}

/** Version of the format of run folders (docs/run-folder.md). It rises when an older program would misread one. */
const runFormat = 1;

/** `run.json`: the identity of a run, and what it has made. */
export interface RunRecord extends RunIdentity {
  readonly faceanim: 'run';
  readonly format: typeof runFormat;
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
  /** A file that is complete and about to get its name, likewise: the run may be killed before it is among `outputs`. */
  readonly pending?: Readonly<Record<string, string>> | undefined;
}

/** The content of a run folder. */
export interface RunState {
  /** Absent if there is no run yet. */
  readonly record: RunRecord | undefined;
  /** Number of finished frames, from frame 0 without a gap. */
  readonly frames: number;
  /** Whether the run is split, and its parts are there. */
  readonly prepared: boolean;
}

/** The record of a new run. */
export function newRecord(
  identity: Omit<RunIdentity, 'version'>,
  facts: Pick<RunRecord, 'command' | 'fps' | 'driverClock' | 'start'>,
): RunRecord {
  return { faceanim: 'run', format: runFormat, version, ...facts, completed: 0, outputs: {}, ...identity };
}

/**
 * Looks into a run folder without changing it.
 *
 * @throws {FaceanimError} `io` for a file, or a folder of something else; `checkpoint-corrupt` for a damaged `run.json`.
 */
export async function readRun(folder: string): Promise<RunState> {
  const names = await list(folder);
  if (!names.includes(recordName)) {
    const other = names.find((name) => !name.startsWith(lockName) && !isTemporaryName(name));
    if (other === undefined) return { record: undefined, frames: 0, prepared: false };
    throw new FaceanimError('io', `${folder} is not a run folder: it holds ${other} and no ${recordName}.`, {
      file: folder,
      hint: 'Pass an empty or new folder as --run.',
    });
  }
  const record = await readRecord(join(folder, recordName));
  const frames = new Set(await list(join(folder, framesName)));
  let count = 0;
  while (frames.has(frameFile(count))) count++;
  const prepared = (await list(join(folder, partsName))).includes(planName);
  return { record, frames: count, prepared };
}

/** Whether this run has made the file at `path`, and nobody has changed it since. */
export async function madeBy(record: RunRecord | undefined, path: string): Promise<boolean> {
  const at = await locate(path);
  const marks = [record?.outputs[at], record?.pending?.[at]].filter((mark) => mark !== undefined);
  if (marks.length === 0) return false;
  return marks.includes('folder') || marks.includes(await fingerprint(path).catch(() => ''));
}

/** The files that a run has made, with one that it was killed while giving its name. */
export async function outputsOf(record: RunRecord): Promise<RunRecord['outputs']> {
  const { outputs, pending = {} } = record;
  const named: [string, string][] = [];
  for (const [path, mark] of Object.entries(pending))
    if (mark === (await fingerprint(path).catch(() => undefined))) named.push([path, mark]);
  return { ...outputs, ...Object.fromEntries(named) };
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
  if (record.format !== runFormat) throw otherFormat(file, record);
  const { settings, contents, outputs, pending = {}, driverClock, fps, completed } = record;
  const whole = [settings, contents, outputs, pending, driverClock].every(
    (part) => typeof part === 'object' && part !== null,
  );
  if (!whole || !(Number(fps) > 0) || !Number.isInteger(completed)) throw damaged(file, 'is damaged');
  return record as RunRecord;
}

function otherFormat(file: string, { format, version: by }: Partial<RunRecord>): FaceanimError {
  if (!(Number(format) > runFormat)) return damaged(file, 'is damaged');
  const written = typeof by === 'string' ? `, written by faceanim ${by}` : '';
  return new FaceanimError(
    'checkpoint-corrupt',
    `${file} has the format ${format}${written}. This version, ${version}, only knows formats up to ${runFormat}.`,
    { file, hint: 'Use the version that wrote it or a newer one, or pass another folder as --run.' },
  );
}

function damaged(file: string, how: string): FaceanimError {
  return new FaceanimError('checkpoint-corrupt', `${file} ${how}.`, {
    file,
    hint: 'Pass another folder as --run, or remove this one if you need nothing in it.',
  });
}
