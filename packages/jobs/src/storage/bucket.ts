import { createReadStream, createWriteStream } from 'node:fs';
import { dirname } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import type { S3Client } from '@aws-sdk/client-s3';
import { makeFolder } from '@faceanim/media/files';
import { FaceanimError, invalidOption, throwIfAborted } from '@faceanim/tensor/errors';
import { asBucketError } from './bucket-errors';

/** An object of a bucket. */
export interface BucketObject {
  readonly key: string;
  readonly size: number;
  /** Changes with the content. */
  readonly etag: string;
}

/** `s3://bucket/some/prefix` */
const address = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/(.*))?$/;

/** Objects below a prefix of an S3-compatible bucket. Keys are relative to the prefix. All methods throw `io`. */
export class Bucket {
  private constructor(
    readonly sdk: Sdk,
    readonly client: S3Client,
    readonly name: string,
    readonly prefix: string,
    /** Where the service is, for messages. */
    readonly service: string,
  ) {}

  /**
   * @param at `s3://bucket/prefix`
   * @param endpoint address of the service. Default: that of AWS, or what `AWS_ENDPOINT_URL_S3` or `AWS_ENDPOINT_URL` says
   * @throws {FaceanimError} `invalid-option` for another address; `io` naming packages that are not installed
   */
  static async open(at: string, endpoint = endpointOfEnvironment()): Promise<Bucket> {
    const [, name, path = ''] = at.match(address) ?? [];
    if (!name) throw invalidOption('storage', at, 'a folder, or an address like s3://bucket/folder');
    const sdk = await loadSdk();
    const client = new sdk.S3Client({
      maxAttempts: 5,
      ...(endpoint && {
        endpoint,
        // Other services rarely have a host name for each bucket, or the newer checksums; and their region means nothing.
        ...{ forcePathStyle: true, region: process.env.AWS_REGION ?? 'us-east-1' },
        ...{ requestChecksumCalculation: 'WHEN_REQUIRED', responseChecksumValidation: 'WHEN_REQUIRED' },
      }),
    });
    const folders = path.split('/').filter((part) => part !== '');
    return new Bucket(sdk, client, name, folders.map((part) => `${part}/`).join(''), endpoint ?? 'AWS');
  }

  addressOf(key: string): string {
    return `s3://${this.name}/${this.prefix}${key}`;
  }

  /** The key of an address; undefined for one of another bucket or prefix. */
  keyOf(at: string): string | undefined {
    const before = this.addressOf('');
    return at.startsWith(before) ? at.slice(before.length) : undefined;
  }

  /** Objects whose keys begin so, in order. */
  async list(start: string, most = Number.POSITIVE_INFINITY): Promise<BucketObject[]> {
    const found: BucketObject[] = [];
    let ContinuationToken: string | undefined;
    do {
      const page = await this.#do(start, () =>
        this.client.send(
          new this.sdk.ListObjectsV2Command({
            ...{ Bucket: this.name, Prefix: this.prefix + start, ContinuationToken },
            MaxKeys: Math.min(most, 1000),
          }),
        ),
      );
      for (const { Key, Size, ETag } of page.Contents ?? [])
        found.push({ key: Key!.slice(this.prefix.length), size: Size ?? 0, etag: ETag ?? '' });
      ContinuationToken = page.NextContinuationToken;
    } while (ContinuationToken && found.length < most);
    return found;
  }

  /** Size of an object in bytes. */
  async sizeOf(key: string): Promise<number> {
    const { ContentLength } = await this.#do(key, () =>
      this.client.send(new this.sdk.HeadObjectCommand(this.#at(key))),
    );
    return ContentLength ?? 0;
  }

  /** The bytes of an object from `start` to before `end`. */
  async *read(key: string, start?: number, end?: number): AsyncGenerator<Uint8Array> {
    const Range = end === undefined ? undefined : `bytes=${start}-${end - 1}`;
    try {
      const { Body } = await this.client.send(new this.sdk.GetObjectCommand({ ...this.#at(key), Range }));
      yield* Body as Readable;
    } catch (error) {
      throw this.#typed(error, key);
    }
  }

  readText(key: string): Promise<string> {
    return text(this.read(key));
  }

  async download(key: string, path: string): Promise<void> {
    await makeFolder(dirname(path));
    await this.#do(key, () => pipeline(this.read(key), createWriteStream(path)), path);
  }

  /** Writes a file, content or a text. */
  async write(key: string, source: { file: string } | Blob | string, signal?: AbortSignal): Promise<void> {
    throwIfAborted(signal);
    const Body =
      typeof source === 'string'
        ? source
        : 'file' in source
          ? createReadStream(source.file)
          : Readable.fromWeb(source.stream() as never);
    await this.#do(
      key,
      async () => {
        const upload = new this.sdk.Upload({ client: this.client, params: { ...this.#at(key), Body } });
        const stop = () => void upload.abort();
        signal?.addEventListener('abort', stop, { once: true });
        try {
          await upload.done();
        } finally {
          signal?.removeEventListener('abort', stop);
        }
      },
      typeof source === 'object' && 'file' in source ? source.file : undefined,
    );
  }

  async remove(keys: readonly string[]): Promise<void> {
    for (let i = 0; i < keys.length; i += 1000) {
      const Objects = keys.slice(i, i + 1000).map((key) => ({ Key: this.prefix + key }));
      const { Errors = [] } = await this.#do(keys[i]!, () =>
        this.client.send(
          new this.sdk.DeleteObjectsCommand({ Bucket: this.name, Delete: { Objects, Quiet: true } }),
        ),
      );
      const [first] = Errors;
      if (first)
        throw new FaceanimError('io', `s3://${this.name}/${first.Key} cannot be removed: ${first.Message}`);
    }
  }

  close(): void {
    this.client.destroy();
  }

  #at(key: string): { Bucket: string; Key: string } {
    return { Bucket: this.name, Key: this.prefix + key };
  }

  /** @param file of this machine that is read or written */
  async #do<T>(key: string, work: () => Promise<T>, file?: string): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw this.#typed(error, key, file);
    }
  }

  #typed(error: unknown, key: string, file?: string): unknown {
    const { name: bucket, service } = this;
    return asBucketError(error, { at: this.addressOf(key), bucket, service, file });
  }
}

type Sdk = typeof import('@aws-sdk/client-s3') & Pick<typeof import('@aws-sdk/lib-storage'), 'Upload'>;

async function loadSdk(): Promise<Sdk> {
  try {
    const [client, { Upload }] = await Promise.all([
      import('@aws-sdk/client-s3'),
      import('@aws-sdk/lib-storage'),
    ]);
    return { ...client, Upload };
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw cause;
    throw new FaceanimError(
      'io',
      'Storage on S3 needs the packages of its client, which are not installed.',
      {
        cause,
        hint: 'Run: npm install @aws-sdk/client-s3 @aws-sdk/lib-storage',
      },
    );
  }
}

/** The client reads these, too, but would not say so. */
function endpointOfEnvironment(): string | undefined {
  return process.env.AWS_ENDPOINT_URL_S3 || process.env.AWS_ENDPOINT_URL || undefined;
}
