import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeFrame, encodeLatents, type PreparedLook, type ProjectedFrame } from '@faceanim/core';
import { writeImage } from '@faceanim/media';
import { isStream, makeFolder, writeFileAtomic } from '@faceanim/media/files';
import { irregularTimes } from '../animate/timing';
import { locate } from '../files/paths';
import type { RunLock } from './lock';
import { frameFile, framesName, latentsFormat, latentsName, lookName, recordName } from './names';
import { fingerprint, type RunRecord } from './record';

/** A run folder that this process may write to until it is disposed. */
export interface RunFolder extends AsyncDisposable {
  readonly path: string;
  /** Frames that were finished before, from frame 0 without a gap. */
  readonly finished: readonly ProjectedFrame[];
  /** The cropped look that they were made with, if it was cropped: another backend might crop it slightly differently. */
  readonly look: PreparedLook | undefined;
  /** The cropped look of a new run, to be saved with its first frame. */
  keepLook(look: PreparedLook): void;
  save(frame: ProjectedFrame): Promise<void>;
  /** File of all latents, which `faceanim render` takes. */
  readonly latents: string;
  /** With the time at which each is shown, in seconds, if they come at irregular times. */
  saveLatents(frames: readonly (ProjectedFrame & { readonly time?: number })[]): Promise<void>;
  /** Records that this run has made a file, or frames in a folder, so that a later run may replace it. */
  made(path: string, kind: 'file' | 'folder'): Promise<void>;
}

export class OpenRun implements RunFolder {
  #record: RunRecord;
  #begun = false;
  #look: PreparedLook | undefined;

  constructor(
    readonly path: string,
    readonly finished: readonly ProjectedFrame[],
    readonly look: PreparedLook | undefined,
    readonly lock: RunLock,
    record: RunRecord,
  ) {
    this.#record = record;
  }

  keepLook(look: PreparedLook): void {
    this.#look = look;
    this.#record = { ...this.#record, lookQuad: look.quad };
  }

  async save(frame: ProjectedFrame): Promise<void> {
    await this.#begin();
    await writeFileAtomic(join(this.path, framesName, frameFile(frame.index)), encodeFrame(frame));
  }

  get latents(): string {
    return join(this.path, latentsName);
  }

  async saveLatents(frames: Parameters<RunFolder['saveLatents']>[0]): Promise<void> {
    await this.#begin();
    const { fps, start = 0, contents, version } = this.#record;
    const times = irregularTimes(
      frames.map(({ time }, k) => time ?? k / fps),
      fps,
    );
    const metadata = {
      ...{ format: latentsFormat, version, fps: `${fps}`, start: `${start}` },
      ...(times && { times: JSON.stringify(times) }),
      generator: `${contents.generator}`,
    };
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
      if (this.#look) await writeImage(join(this.path, lookName), this.#look, { aiGenerated: false });
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
