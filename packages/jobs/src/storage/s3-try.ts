import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { makeFolder } from '@faceanim/media/files';
import type { InputName, StoredJob } from '../job';
import type { Bucket } from './bucket';
import { begunBy, isFinished, triesOf } from './earlier-tries';
import { each, filesBelow } from './files-below';
import type { TryFolder } from './storage';

/** Until finished frames are looked for again. */
const msBetweenLooks = 500;

/** Whether a file of a try is one of the inputs that were copied for its job. */
const isInput = (path: string) => /^inputs(-[^/]*)?\//.test(path);

/** What a try needs from outside. */
interface TryHooks {
  /** Downloads an input into a folder that stands for the storage. */
  readonly fetchInput: (name: InputName, root: string) => Promise<void>;
  /** Told once of uploads that fail. They are tried again, and the last one decides about the try. */
  readonly onWarning: (message: string) => void;
  /** Called when its folder is gone. */
  readonly onEnd: () => void;
}

/** A try in a temporary folder, from which every finished frame is uploaded as it appears. */
export class S3Try implements TryFolder {
  readonly #watch = new AbortController();
  /** Size and time of files as they were downloaded or uploaded. */
  readonly #safe = new Map<string, string>();
  /** What is finished and was uploaded by this try: it never changes, and a long run has many of them. */
  readonly #uploaded = new Set<string>();
  #saving: Promise<void> = Promise.resolve();
  #warning: string | undefined;
  #done = false;
  #ended: Promise<void> | undefined;

  private constructor(
    readonly bucket: Bucket,
    /** Stands for the root of the storage. */
    readonly root: string,
    readonly path: string,
    /** Where the files of this try go. */
    readonly place: string,
    readonly hooks: TryHooks,
  ) {}

  static async begin(bucket: Bucket, job: StoredJob, attempt: number, hooks: TryHooks): Promise<S3Try> {
    const root = await mkdtemp(join(tmpdir(), 'faceanim-try-'));
    // Unique, should a worker lose count; and in the order of tries.
    const name = `${String(attempt).padStart(6, '0')}-${randomBytes(3).toString('hex')}`;
    const place = `${triesOf(job)}/${name}`;
    const begun = new S3Try(bucket, root, join(root, job.folder), place, hooks);
    try {
      await begun.#download(job);
    } catch (error) {
      await rm(root, { recursive: true, force: true });
      throw error;
    }
    void begun.#watchRun();
    return begun;
  }

  save(): Promise<void> {
    const saved = this.#saving.then(() => this.#saveRun());
    this.#saving = saved.catch(() => {});
    return saved;
  }

  async finish(): Promise<string> {
    this.#watch.abort();
    await this.save();
    const results = (await filesBelow(this.path)).filter((path) => !isInput(path));
    await each(results, (path) => this.#upload(path));
    this.#done = true;
    return this.place;
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#ended ??= this.#end();
    return this.#ended;
  }

  async #end(): Promise<void> {
    this.#watch.abort();
    if (!this.#done) await this.save().catch((error) => this.#warn(error));
    await rm(this.root, { recursive: true, force: true });
    this.hooks.onEnd();
  }

  async #download(job: StoredJob): Promise<void> {
    await makeFolder(this.path);
    for (const name of Object.keys(job.inputs)) await this.hooks.fetchInput(name as InputName, this.root);
    const keys = (await this.bucket.list(`${job.folder}/`)).map(({ key }) => key);
    const begun = await begunBy(job, keys, (key) => this.bucket.readText(key));
    await each(begun, async ([path, key]) => {
      await this.bucket.download(key, join(this.path, path));
      this.#safe.set(path, await this.#stamp(path));
    });
    if (begun.size > 0)
      await this.bucket.write(`${this.place}.json`, JSON.stringify(Object.fromEntries(begun)));
  }

  async #watchRun(): Promise<void> {
    const { signal } = this.#watch;
    for (;;) {
      await setTimeout(msBetweenLooks, undefined, { signal, ref: false }).catch(() => {});
      if (signal.aborted) return;
      await this.save().then(
        () => (this.#warning = undefined),
        (error) => this.#warn(error),
      );
    }
  }

  async #saveRun(): Promise<void> {
    // Looked for first: what they need is on the disk by now, and so among the others.
    const finished = (await this.#runFiles()).filter((path) => isFinished(path) && !this.#uploaded.has(path));
    const others = (await this.#runFiles()).filter((path) => !isFinished(path));
    await each(others, (path) => this.#upload(path));
    await each(finished, async (path) => {
      if (await this.#upload(path)) this.#uploaded.add(path);
    });
  }

  async #runFiles(): Promise<string[]> {
    const names = await filesBelow(join(this.path, 'run')).catch((error) => {
      if (error.code === 'ENOENT') return [];
      throw error;
    });
    return names.map((name) => `run/${name}`);
  }

  /** Uploads a file unless it is safe as it is. @returns whether it did */
  async #upload(path: string): Promise<boolean> {
    const stamp = await this.#stamp(path);
    if (stamp === this.#safe.get(path) || stamp === '') return false;
    await this.bucket.write(`${this.place}/${path}`, { file: join(this.path, path) });
    this.#safe.set(path, stamp);
    return true;
  }

  /** Empty for a file that is gone: parts are removed when they are joined. */
  async #stamp(path: string): Promise<string> {
    const stats = await stat(join(this.path, path)).catch(() => undefined);
    return stats ? `${stats.size} ${stats.mtimeMs} ${stats.ino}` : '';
  }

  #warn(error: unknown): void {
    const { message } = error as Error;
    if (message !== this.#warning) this.hooks.onWarning(message);
    this.#warning = message;
  }
}
