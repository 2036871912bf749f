import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeFrame, encodeLatents, type ProjectedFrame, type RgbImage } from '@faceanim/core';
import { readImage, writeImage } from '@faceanim/media';
import { isStream, makeFolder, removeLeftovers, writeFileAtomic } from '@faceanim/media/files';
import { FaceanimError } from '@faceanim/tensor';
import { locate } from '../files/paths';
import { counted } from '../terminal/counted';
import { lockRunFolder, type RunLock } from './lock';
import { frameFile, framesName, latentsFormat, latentsName, lookName, recordName } from './names';
import { fingerprint, type RunRecord, type RunState, readFrames, readRun } from './record';
import { checkSameRun } from './same-run';

/** What to do with finished frames of an earlier run. Without a choice, such a run is refused. */
export interface RunChoice {
  /** Continues after them. */
  readonly resume?: boolean;
  /** Replaces them as soon as the first new frame is finished. */
  readonly fresh?: boolean;
}

/** A run folder that this process may write to until it is disposed. */
export interface RunFolder extends AsyncDisposable {
  readonly path: string;
  /** Frames that were finished before, from frame 0 without a gap. */
  readonly finished: readonly ProjectedFrame[];
  /** The cropped look that they were made with, if it was cropped: another backend might crop it slightly differently. */
  readonly look: RgbImage | undefined;
  /** The cropped look of a new run, to be saved with its first frame. */
  keepLook(look: RgbImage): void;
  save(frame: ProjectedFrame): Promise<void>;
  /** File of all latents, which `faceanim render` takes. */
  readonly latents: string;
  saveLatents(frames: readonly ProjectedFrame[]): Promise<void>;
  /** Records that this run has made a file, or frames in a folder, so that a later run may replace it. */
  made(path: string, kind: 'file' | 'folder'): Promise<void>;
}

/**
 * Refuses a run whose folder holds finished frames, unless the user has said what to do with them.
 *
 * @throws {FaceanimError} `invalid-option` naming both choices.
 */
export function checkChoice(path: string, { frames }: RunState, { resume, fresh }: RunChoice): void {
  if (frames === 0 || resume || fresh) return;
  throw new FaceanimError('invalid-option', `${path} holds ${counted(frames, 'finished frame')}.`, {
    file: path,
    hint: 'Add --resume to continue after them, --fresh to replace them, or pass another folder as --run.',
  });
}

/**
 * Opens a run folder for writing. Nothing in it changes before the first new frame is saved.
 *
 * @throws {FaceanimError} `invalid-option` as {@link checkChoice}; `resume-mismatch` if it was started with other settings;
 *   `checkpoint-corrupt` naming a frame that cannot be read; `io`, also while another run is writing to it.
 */
export async function openRunFolder(path: string, record: RunRecord, choice: RunChoice): Promise<RunFolder> {
  checkChoice(path, await readRun(path), choice);
  await makeFolder(path);
  const lock = await lockRunFolder(path);
  try {
    // Read again: until the lock was ours, another run may have changed it.
    const state = await readRun(path);
    checkChoice(path, state, choice);
    const resumes = state.record !== undefined && state.frames > 0 && !choice.fresh;
    if (resumes) checkSameRun(path, state.record, record);
    const frames = join(path, framesName);
    const finished = resumes ? await readFrames(path, state.frames) : [];
    for (const folder of [path, frames]) await removeLeftovers(folder);
    const look = finished.length > 0 ? await readCroppedLook(path) : undefined;
    return new OpenRun(path, finished, look, lock, {
      ...record,
      outputs: state.record?.outputs ?? {},
      completed: resumes ? state.record.completed : 0,
    });
  } catch (error) {
    await lock[Symbol.asyncDispose]();
    throw error;
  }
}

/** Saves frames, collects them and passes them on. After the last one, all latents are saved in one file. */
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
  // Before the animation is complete: a video encoder that fails must not cost the latents.
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
    // A device or pipe keeps nothing, and reading from it might never end.
    if (await isStream(path)) return;
    const mark = kind === 'folder' ? 'folder' : await fingerprint(path);
    const outputs = { ...this.#record.outputs, [await locate(path)]: mark };
    if (this.#begun) await this.#write({ outputs });
    else this.#record = { ...this.#record, outputs };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.lock[Symbol.asyncDispose]();
  }

  /** The first change: removes the frames that this run replaces. */
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
      // Frames after a gap, too: they followed a frame that is lost.
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
