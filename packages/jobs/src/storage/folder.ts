import { createReadStream, createWriteStream } from 'node:fs';
import { access, constants, copyFile, cp, realpath, rm, stat } from 'node:fs/promises';
import { isAbsolute, join, relative, sep } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { asReadError, asWriteError, makeFolder, writeAtomically } from '@faceanim/media/files';
import { FaceanimError } from '@faceanim/tensor/errors';
import type { StoredJob } from '../job';
import { notHere } from './not-here';
import { type Storage, type StoredFile, type TryFolder, webStream } from './storage';

/** A folder that all machines mount, perhaps in different places. A job runs in its folder on it. */
export class FolderStorage implements Storage {
  private constructor(readonly root: string) {}

  /** @throws {FaceanimError} `io` for a folder that does not exist or may not be written. */
  static async open(path: string): Promise<FolderStorage> {
    try {
      const root = await realpath(path);
      await access(root, constants.W_OK | constants.X_OK);
      if ((await stat(root)).isDirectory()) return new FolderStorage(root);
    } catch (error) {
      const { message } = asReadError(error, path) as Error;
      throw new FaceanimError('io', `The storage cannot be used: ${message}`, {
        cause: error,
        file: path,
        hint: 'Make the folder or mount it, and let this user write to it. Or pass a bucket: s3://NAME/FOLDER.',
      });
    }
    throw new FaceanimError('io', `The storage ${path} is not a folder.`, { file: path });
  }

  async check(): Promise<void> {
    await access(this.root, constants.W_OK | constants.X_OK).catch((error) => {
      throw asReadError(error, this.root);
    });
  }

  addressOf(place: string): string {
    return join(this.root, place);
  }

  async find(path: string, name: string): Promise<string | undefined> {
    if (/^s3:\/\//.test(path)) throw notHere(name, path, `it is the folder ${this.root}`);
    const source = await realpath(path).catch((error) => {
      throw asReadError(error, path);
    });
    return this.#placeOf(source);
  }

  async put(source: string | Blob, place: string, signal: AbortSignal | undefined): Promise<void> {
    const target = this.addressOf(place);
    try {
      if (typeof source !== 'string') {
        await writeAtomically(target, (temporary) =>
          pipeline(Readable.fromWeb(source.stream() as never), createWriteStream(temporary), { signal }),
        );
      } else if ((await stat(source)).isDirectory()) {
        await cp(source, target, { recursive: true, dereference: true });
      } else await writeAtomically(target, (temporary) => copyFile(source, temporary));
    } catch (error) {
      throw asWriteError(error, target);
    }
  }

  hasRun(folder: string): Promise<boolean> {
    return access(this.addressOf(`${folder}/run`)).then(
      () => true,
      // A folder that cannot be looked into cannot be written to either, which is reported then.
      () => false,
    );
  }

  async remove(place: string): Promise<void> {
    await rm(this.addressOf(place), { recursive: true, force: true }).catch((error) => {
      throw asWriteError(error, this.addressOf(place));
    });
  }

  async open(address: string): Promise<StoredFile> {
    if (this.#placeOf(address) === undefined) throw notHere('file', address, `it is the folder ${this.root}`);
    const { size } = await stat(address).catch((error) => {
      throw asReadError(error, address);
    });
    return {
      size,
      stream: (start = 0, end = size) => webStream(bytesOf(address, start, end)),
    };
  }

  async begin({ folder }: StoredJob): Promise<TryFolder> {
    await this.check();
    const path = this.addressOf(folder);
    // A job whose inputs are all on the storage has no folder yet.
    await makeFolder(path);
    return {
      path,
      save: async () => {},
      finish: async () => folder,
      [Symbol.asyncDispose]: async () => {},
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  /** The place of a path; undefined outside the storage. */
  #placeOf(path: string): string | undefined {
    const inside = relative(this.root, path);
    return /^\.\.(\/|\\|$)/.test(inside) || isAbsolute(inside) ? undefined : inside.split(sep).join('/');
  }
}

async function* bytesOf(file: string, start: number, end: number): AsyncGenerator<Uint8Array> {
  // `end` of Node's streams is the last byte, so that none is empty.
  if (end <= start) return;
  try {
    yield* createReadStream(file, { start, end: end - 1 });
  } catch (error) {
    throw asReadError(error, file);
  }
}
