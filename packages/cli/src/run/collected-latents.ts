import { createReadStream, createWriteStream } from 'node:fs';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Latent, latentsEncoder } from '@faceanim/core';
import { asWriteError, forgetTemporary, temporaryName, writeAtomically } from '@faceanim/media/files';

/** The latents of a run on their way into one file. They wait beside it, since those of a long run may not fit into memory. */
export class CollectedLatents implements AsyncDisposable {
  readonly #encoder = latentsEncoder();
  readonly #waiting: string;
  #handle: FileHandle | undefined;

  /** @param path of the file. */
  constructor(readonly path: string) {
    this.#waiting = temporaryName(path);
  }

  /** @throws {FaceanimError} `io` naming the file. */
  async add(latent: Latent): Promise<void> {
    try {
      this.#handle ??= await open(this.#waiting, 'wx');
      await this.#handle.writeFile(this.#encoder.add(latent));
    } catch (error) {
      throw asWriteError(error, this.path);
    }
  }

  /** Writes the file, with all latents. @throws {FaceanimError} `io` naming it. */
  async save(metadata: Record<string, string>): Promise<void> {
    const { head, tail } = this.#encoder.end(metadata);
    const [waiting, isEmpty] = [this.#waiting, !this.#handle];
    async function* content() {
      yield head;
      if (!isEmpty) yield* createReadStream(waiting);
      yield tail;
    }
    await writeAtomically(this.path, (temporary) =>
      pipeline(Readable.from(content()), createWriteStream(temporary)),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#handle?.close().catch(() => {});
    await rm(this.#waiting, { force: true }).catch(() => {});
    forgetTemporary(this.#waiting);
  }
}
