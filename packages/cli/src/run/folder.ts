import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeFrame, encodeLatents, type ProjectedFrame, type RgbImage } from '@faceanim/core';
import { readImage, writeImage } from '@faceanim/media';
import { isStream, makeFolder, removeLeftovers, writeFileAtomic } from '@faceanim/media/files';
import { FaceanimError } from '@faceanim/tensor';
import { locate } from '../files/paths';
import { counted } from '../terminal/counted';
import { lockRunFolder, type RunLock } from './lock';
import {
  checkSameRun,
  fingerprint,
  frameFile,
  framesName,
  type RunRecord,
  type RunState,
  readFrames,
  readRun,
  recordName,
} from './record';

/** What becomes of finished frames that are there already; without either they are left alone, and the run refused. */
export interface RunChoice {
  /** Goes on after them. */
  readonly resume?: boolean;
  /** Replaces them, when the first new one is finished. */
  readonly fresh?: boolean;
}

/** A run folder that this process writes to, until it is disposed. */
export interface RunFolder extends AsyncDisposable {
  readonly path: string;
  /** Frames that were finished before, from frame 0 on without a gap. */
  readonly finished: readonly ProjectedFrame[];
  /** The look that they were made with, where it had been cropped: another backend might crop it by a hair otherwise. */
  readonly look: RgbImage | undefined;
  /** Has the cropped look of a run that begins kept with its first frame. */
  keepLook(look: RgbImage): void;
  save(frame: ProjectedFrame): Promise<void>;
  /** File of all latents, from which `faceanim render` draws the animation again. */
  readonly latents: string;
  saveLatents(frames: readonly ProjectedFrame[]): Promise<void>;
  /** Remembers that this run has made a file, or makes frames in a folder, which it may replace from then on. */
  made(path: string, kind: 'file' | 'folder'): Promise<void>;
}

export const latentsName = 'latents.safetensors';
export const latentsFormat = '1';
export const lookName = 'look.png';

/**
 * Refuses a run whose folder holds finished frames, as long as nobody has said what shall become of them.
 *
 * @throws {FaceanimError} `invalid-option` naming both choices.
 */
export function checkChoice(path: string, { frames }: RunState, { resume, fresh }: RunChoice): void {
  if (frames === 0 || resume || fresh) return;
  throw new FaceanimError('invalid-option', `${path} holds ${counted(frames, 'finished frame')}.`, {
    file: path,
    hint: 'Add --resume to go on after them, or --fresh to replace them; or pass another folder as --run.',
  });
}

/**
 * Opens a run folder for writing; nothing in it is changed before the first new frame is saved.
 *
 * @throws {FaceanimError} `invalid-option` as {@link checkChoice}; `resume-mismatch` when it was started with other
 *   settings; `checkpoint-corrupt` naming a frame that cannot be read; `io`, also when another run has it.
 */
export async function openRunFolder(path: string, record: RunRecord, choice: RunChoice): Promise<RunFolder> {
  checkChoice(path, await readRun(path), choice);
  await makeFolder(path);
  const lock = await lockRunFolder(path);
  try {
    // Only now nobody else changes it any more.
    const state = await readRun(path);
    checkChoice(path, state, choice);
    const goesOn = state.record !== undefined && state.frames > 0 && !choice.fresh;
    if (goesOn) checkSameRun(path, state.record, record);
    const frames = join(path, framesName);
    const finished = goesOn ? await readFrames(path, state.frames) : [];
    for (const folder of [path, frames]) await removeLeftovers(folder);
    const look = finished.length > 0 ? await readCroppedLook(path) : undefined;
    return new OpenRun(path, finished, look, lock, {
      ...record,
      outputs: state.record?.outputs ?? {},
      completed: goesOn ? state.record.completed : 0,
    });
  } catch (error) {
    await lock[Symbol.asyncDispose]();
    throw error;
  }
}

/** Passes frames on when they are saved, and collects them; after the last one, all latents are saved together. */
export async function* saveEach<T extends ProjectedFrame>(
  frames: AsyncIterable<T> | Iterable<T>,
  run: RunFolder,
  into: T[],
): AsyncGenerator<T> {
  for await (const frame of frames) {
    if (frame.index >= run.finished.length) await run.save(frame);
    into.push(frame);
    yield frame;
  }
  // Before the animation is complete: an encoder that fails must not cost them.
  await run.saveLatents(into);
}

class OpenRun implements RunFolder {
  #record: RunRecord;
  #begun = false;
  #look: RgbImage | undefined;

  constructor(
    readonly path: string,
    readonly finished: readonly ProjectedFrame[],
    readonly look: RgbImage | undefined,
    readonly lock: RunLock,
    record: RunRecord,
  ) {
    this.#record = record;
  }

  keepLook(look: RgbImage): void {
    this.#look = look;
  }

  async save(frame: ProjectedFrame): Promise<void> {
    await this.#begin();
    await writeFileAtomic(join(this.path, framesName, frameFile(frame.index)), encodeFrame(frame));
  }

  get latents(): string {
    return join(this.path, latentsName);
  }

  async saveLatents(frames: readonly ProjectedFrame[]): Promise<void> {
    await this.#begin();
    const { fps, contents, version } = this.#record;
    const metadata = { format: latentsFormat, version, fps: `${fps}`, generator: `${contents.generator}` };
    await writeFileAtomic(
      this.latents,
      encodeLatents(
        frames.map(({ latent }) => latent),
        metadata,
      ),
    );
    await this.#write({ completed: Math.max(frames.length, this.finished.length) });
  }

  async made(path: string, kind: 'file' | 'folder'): Promise<void> {
    // A device or pipe keeps nothing, and reading one may never end.
    if (await isStream(path)) return;
    const mark = kind === 'folder' ? 'folder' : await fingerprint(path);
    const outputs = { ...this.#record.outputs, [await locate(path)]: mark };
    if (this.#begun) await this.#write({ outputs });
    else this.#record = { ...this.#record, outputs };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.lock[Symbol.asyncDispose]();
  }

  /** The first change: frames of the run before go, and no others. */
  async #begin(): Promise<void> {
    this.lock.check();
    if (this.#begun) return;
    this.#begun = true;
    const frames = join(this.path, framesName);
    await makeFolder(frames);
    if (this.finished.length === 0) {
      for (const name of [latentsName, lookName]) await rm(join(this.path, name), { force: true });
      if (this.#look) await writeImage(join(this.path, lookName), this.#look);
    }
    for (const name of await readdir(frames)) {
      // Those after a gap, too: they came after a frame that is not there any more.
      const lost = /^\d{6,}\.safetensors$/.test(name) && Number.parseInt(name, 10) >= this.finished.length;
      if (lost) await rm(join(frames, name), { force: true });
    }
    await this.#write({});
  }

  async #write(changes: Partial<RunRecord>): Promise<void> {
    this.lock.check();
    this.#record = { ...this.#record, ...changes };
    await writeFileAtomic(join(this.path, recordName), `${JSON.stringify(this.#record, null, 2)}\n`);
  }
}

async function readCroppedLook(folder: string): Promise<RgbImage | undefined> {
  const file = join(folder, lookName);
  return (await readdir(folder)).includes(lookName) ? readImage(file) : undefined;
}
