import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeFrame, type PreparedLook, type ProjectedFrame } from '@faceanim/core';
import { writeImage } from '@faceanim/media';
import { asWriteError, makeFolder, writeFileAtomic } from '@faceanim/media/files';
import { irregularTimes } from '../animate/timing';
import { locate } from '../files/paths';
import { CollectedLatents } from './collected-latents';
import type { FinishedFrames } from './finished-frames';
import type { RunLock } from './lock';
import { frameFile, framesName, latentsFormat, latentsName, lookName, partsName, recordName } from './names';
import { fingerprint, type RunRecord } from './record';

/** A run folder that this process may write to until it is disposed. */
export interface RunFolder extends AsyncDisposable {
  readonly path: string;
  /** Frames that were finished before, from frame 0 without a gap. */
  readonly finished: FinishedFrames;
  /** Whether it goes on after an earlier run, by whose look its frames are made. */
  readonly continues: boolean;
  /** Whether an earlier run has split it. */
  readonly prepared: boolean;
  /** The cropped look that they were made with, if it was cropped: another backend might crop it slightly differently. */
  readonly look: PreparedLook | undefined;
  /** The cropped look of a new run, to be saved with its first frame. */
  keepLook(look: PreparedLook): void;
  /** Writes the record and the look before there is a frame. */
  begin(): Promise<void>;
  /** @param position of the frame in the folder; another than its index in the folder of a part. */
  save(frame: ProjectedFrame, position?: number): Promise<void>;
  /** File of all latents, which `faceanim render` takes. */
  readonly latents: string;
  /** Adds the next latent to those of the run; with the time at which it is shown, in seconds, if they come at irregular times. */
  collect(frame: Pick<ProjectedFrame, 'latent'> & { readonly time?: number }): Promise<void>;
  /** Saves all of them in one file, after the last one. */
  saveLatents(): Promise<void>;
  /**
   * Writes a file, and records that this run has made it, so that a later run may replace it.
   *
   * @param write must call back with the finished file before that gets its name: the run may be killed right after. Devices
   *   and pipes keep nothing, so there is nothing to record.
   */
  write<T>(path: string, write: (finished: (file: string) => Promise<void>) => Promise<T>): Promise<T>;
  /** Removes the parts of a run that was split, when they are joined. */
  forgetParts(): Promise<void>;
  /** Records that the frames in a folder are of this run. */
  owns(folder: string): Promise<void>;
}

export class OpenRun implements RunFolder {
  #record: RunRecord;
  #begun = false;
  #look: PreparedLook | undefined;
  readonly #collected: CollectedLatents;
  readonly #times: (number | undefined)[] = [];

  constructor(
    readonly path: string,
    readonly finished: FinishedFrames,
    readonly look: PreparedLook | undefined,
    readonly continues: boolean,
    readonly prepared: boolean,
    readonly lock: RunLock,
    record: RunRecord,
  ) {
    this.#record = record;
    this.#collected = new CollectedLatents(this.latents);
  }

  keepLook(look: PreparedLook): void {
    this.#look = look;
    this.#record = { ...this.#record, lookQuad: look.quad };
  }

  begin(): Promise<void> {
    return this.#begin();
  }

  async save(frame: ProjectedFrame, position = frame.index): Promise<void> {
    await this.#begin();
    await writeFileAtomic(join(this.path, framesName, frameFile(position)), encodeFrame(frame));
  }

  get latents(): string {
    return join(this.path, latentsName);
  }

  async collect({ latent, time }: Parameters<RunFolder['collect']>[0]): Promise<void> {
    await this.#collected.add(latent);
    this.#times.push(time);
  }

  async saveLatents(): Promise<void> {
    await this.#begin();
    const { fps, start = 0, contents, version } = this.#record;
    const times = irregularTimes(
      this.#times.map((time, k) => time ?? k / fps),
      fps,
    );
    await this.#collected.save({
      ...{ format: latentsFormat, version, fps: `${fps}`, start: `${start}` },
      ...(times && { times: JSON.stringify(times) }),
      generator: `${contents.generator}`,
    });
    await this.#write({ completed: Math.max(this.#times.length, this.finished.length) });
  }

  async write<T>(path: string, write: (finished: (file: string) => Promise<void>) => Promise<T>): Promise<T> {
    let pending: RunRecord['pending'];
    const result = await write(async (file) => {
      pending = { [await locate(path)]: await fingerprint(file) };
      await this.#write({ pending });
    });
    const outputs = { ...this.#record.outputs, ...pending };
    if (pending) await this.#write({ outputs, pending: undefined });
    return result;
  }

  async forgetParts(): Promise<void> {
    await this.lock.check();
    await rm(join(this.path, partsName), { recursive: true, force: true });
  }

  async owns(folder: string): Promise<void> {
    const outputs = { ...this.#record.outputs, [await locate(folder)]: 'folder' };
    // The record of a run that is replaced stays until there is a new frame.
    if (this.#begun || this.finished.length > 0) await this.#write({ outputs });
    else this.#record = { ...this.#record, outputs };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#collected[Symbol.asyncDispose]();
    await this.lock[Symbol.asyncDispose]();
  }

  /**
   * The first change: removes the frames that this run replaces, and only then what belongs to them. They are no run without
   * their first one, so a run that is killed in between mixes nothing.
   */
  async #begin(): Promise<void> {
    await this.lock.check();
    if (this.#begun) return;
    // A folder with anything else in it and no record is taken for something else.
    if (!(await readdir(this.path)).includes(recordName)) await this.#write({});
    const frames = join(this.path, framesName);
    await makeFolder(frames);
    try {
      await rm(join(frames, frameFile(this.finished.length)), { force: true });
      for (const name of await readdir(frames)) {
        // Frames after a gap, too: they followed a frame that is lost.
        const lost = /^\d{6,}\.safetensors$/.test(name) && Number.parseInt(name, 10) >= this.finished.length;
        if (lost) await rm(join(frames, name), { force: true });
      }
      if (!this.continues)
        for (const name of [latentsName, lookName, partsName])
          await rm(join(this.path, name), { recursive: true, force: true });
    } catch (error) {
      throw asWriteError(error, frames);
    }
    if (this.#look && !this.continues)
      await writeImage(join(this.path, lookName), this.#look, { aiGenerated: false });
    await this.#write({});
    this.#begun = true;
  }

  async #write(changes: Partial<RunRecord>): Promise<void> {
    await this.lock.check();
    this.#record = { ...this.#record, ...changes };
    await writeFileAtomic(join(this.path, recordName), `${JSON.stringify(this.#record, null, 2)}\n`);
  }
}
