import { createHash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { link, mkdtemp, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { makeFolder } from '@faceanim/media/files';
import { FaceanimError } from '@faceanim/tensor/errors';
import type { InputName, StoredJob } from '../job';
import { Bucket, type BucketObject } from './bucket';
import { each, filesBelow } from './files-below';
import { notHere } from './not-here';
import { S3Try } from './s3-try';
import { type Storage, type StoredFile, type TryFolder, webStream } from './storage';

/** Inputs that jobs share. Others would fill the disk of a worker in time. */
const networks: ReadonlySet<InputName> = new Set(['generator', 'encoder', 'fan', 'lpips', 'lpipsHeads']);

/** Not an empty object that a console has made for a folder, nor a name that would lead out of the folder of a try. */
const isFile = (key: string) => !key.endsWith('/') && !key.split('/').includes('..');

/** A prefix of an S3-compatible bucket. Jobs run in a temporary folder of the worker. */
export class S3Storage implements Storage {
  #cache: Promise<string> | undefined;
  readonly #tries = new Set<S3Try>();

  constructor(readonly bucket: Bucket) {}

  static async open(at: string, endpoint?: string): Promise<S3Storage> {
    const storage = new S3Storage(await Bucket.open(at, endpoint));
    try {
      await storage.check();
      return storage;
    } catch (error) {
      await storage[Symbol.asyncDispose]();
      throw error;
    }
  }

  async check(): Promise<void> {
    await this.bucket.list('jobs/', 1);
  }

  addressOf(place: string): string {
    return this.bucket.addressOf(place);
  }

  async find(path: string, name: string): Promise<string | undefined> {
    if (!path.startsWith('s3://')) return undefined;
    const key = this.bucket.keyOf(path)?.replace(/\/$/, '');
    if (!key || key.split('/').includes('..')) throw notHere(name, path, `it is ${this.addressOf('')}`);
    if ((await this.#objectsAt(key)).length > 0) return key;
    throw new FaceanimError('io', `${path} does not exist.`, { file: path, hint: 'Check the address.' });
  }

  async put(source: string | Blob, place: string, signal: AbortSignal | undefined): Promise<void> {
    if (typeof source !== 'string') return this.bucket.write(place, source, signal);
    if (!(await stat(source)).isDirectory()) return this.bucket.write(place, { file: source }, signal);
    await each(await filesBelow(source), async (name) => {
      if (!signal?.aborted) await this.bucket.write(`${place}/${name}`, { file: join(source, name) }, signal);
    });
  }

  async hasRun(folder: string): Promise<boolean> {
    return (await this.bucket.list(`${folder}/tries/`, 1)).length > 0;
  }

  async remove(place: string): Promise<void> {
    await this.bucket.remove((await this.#objectsAt(place)).map(({ key }) => key));
  }

  async open(address: string): Promise<StoredFile> {
    const key = this.bucket.keyOf(address);
    if (!key) throw notHere('file', address, `it is ${this.addressOf('')}`);
    const size = await this.bucket.sizeOf(key);
    return {
      size,
      stream: (start = 0, end = size) =>
        end > start ? webStream(this.bucket.read(key, start, end)) : new Blob([]).stream(),
    };
  }

  async begin(job: StoredJob, attempt: number, onWarning: (message: string) => void): Promise<TryFolder> {
    const begun = await S3Try.begin(this.bucket, job, attempt, {
      onWarning,
      fetchInput: (name, root) => this.#fetch(job, name, root),
      onEnd: () => this.#tries.delete(begun),
    });
    this.#tries.add(begun);
    return begun;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Of a worker that was closed while Redis was away.
    await Promise.all([...this.#tries].map((begun) => begun[Symbol.asyncDispose]()));
    this.bucket.close();
    if (this.#cache) await rm(await this.#cache, { recursive: true, force: true });
  }

  /** An object, or those of a folder. */
  async #objectsAt(place: string): Promise<BucketObject[]> {
    // The object of this very name would be the first. There may be many others whose names begin so.
    const [first] = await this.bucket.list(place, 1);
    const inside = await this.bucket.list(`${place}/`);
    return first?.key === place ? [first, ...inside] : inside;
  }

  /** Downloads an input. Networks that jobs share are kept for the next job. */
  async #fetch({ folder, inputs }: StoredJob, name: InputName, root: string): Promise<void> {
    const place = inputs[name]!;
    const objects = (await this.#objectsAt(place)).filter(({ key }) => isFile(key));
    if (objects.length === 0)
      throw new FaceanimError('io', `${this.addressOf(place)} does not exist.`, { hint: 'Was it removed?' });
    const isShared = networks.has(name) && !place.startsWith(`${folder}/`);
    await each(objects, async (object) => {
      const path = join(root, object.key);
      if (!isShared) return this.bucket.download(object.key, path);
      const cached = await this.#cached(object);
      await makeFolder(dirname(path));
      await link(cached, path).catch((error) => {
        // Two inputs are the same file.
        if (error.code !== 'EEXIST') throw error;
      });
    });
  }

  async #cached({ key, etag }: BucketObject): Promise<string> {
    this.#cache ??= mkdtemp(join(tmpdir(), 'faceanim-cache-'));
    const path = join(await this.#cache, createHash('sha256').update(`${key} ${etag}`).digest('hex'));
    if (existsSync(path)) return path;
    const part = `${path}.${randomBytes(4).toString('hex')}`;
    await this.bucket.download(key, part);
    await rename(part, path);
    return path;
  }
}
