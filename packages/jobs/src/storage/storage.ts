import { Readable } from 'node:stream';
import type { InputName, StoredJob } from '../job';

/** The files of a finished job: absolute paths, or `s3://` addresses. `Jobs.open` reads them wherever they are. */
export interface JobFiles {
  /** The folder with the results. */
  readonly folder: string;
  /** The animation: a video, an animated picture or a folder of frames. */
  readonly animation: string;
  /** The numbers of the run, as `faceanim animate --json` writes them. */
  readonly numbers: string;
  /** The page that shows the run, if the job asked for one. */
  readonly report: string | undefined;
  /** The latents of the whole run, for `faceanim render`. */
  readonly latents: string;
}

/** A file on the storage. */
export interface StoredFile {
  /** In bytes. */
  readonly size: number;
  /** Its content from byte `start` to before `end`, as `slice` of a `Blob` counts them. Default: all. Errors are `io`. */
  stream(start?: number, end?: number): ReadableStream<Uint8Array>;
}

/**
 * Where jobs keep their files. Places on it are paths with `/`, relative to its root: the folder of a job is `jobs/ID`.
 *
 * All methods throw `io` while it cannot be reached.
 */
export interface Storage extends AsyncDisposable {
  /** Rejects while it cannot be reached or written to. */
  check(): Promise<void>;
  /** What a place is called outside: an absolute path, or an `s3://` address. */
  addressOf(place: string): string;
  /**
   * The place of an input that is on the storage already; undefined for another path of this machine.
   *
   * @param name of the input, for messages
   * @throws {FaceanimError} `io` if there is nothing; `invalid-option` for an address on another storage
   */
  find(path: string, name: string): Promise<string | undefined>;
  /** Copies a file or folder of this machine, or content, to a place. */
  put(source: string | Blob, place: string, signal: AbortSignal | undefined): Promise<void>;
  /** Whether the folder of a job holds a run. */
  hasRun(folder: string): Promise<boolean>;
  /** Removes a place with everything in it. */
  remove(place: string): Promise<void>;
  /** Opens a file by its address. */
  open(address: string): Promise<StoredFile>;
  /**
   * Opens the folder in which a try of a job runs.
   *
   * @param attempt counts the tries of the job, from 1
   */
  begin(job: StoredJob, attempt: number, onWarning: (message: string) => void): Promise<TryFolder>;
}

/** The folder of a job on this machine during a try. It holds the inputs, and all that earlier tries have finished. */
export interface TryFolder extends AsyncDisposable {
  readonly path: string;
  /** Makes safe what the run has finished so far. */
  save(): Promise<void>;
  /** Makes the results safe, and returns the place of the folder that holds them. */
  finish(): Promise<string>;
}

/** The files of a job whose results are in a folder. */
export function filesIn(storage: Storage, folder: string, { out, report }: StoredJob): JobFiles {
  const file = (name: string) => storage.addressOf(`${folder}/${name}`);
  return {
    folder: storage.addressOf(folder),
    animation: file(out),
    numbers: file('report.json'),
    report: report ? file('report.html') : undefined,
    latents: file('run/latents.safetensors'),
  };
}

/** Bytes as a web stream, which are read as they are asked for. */
export function webStream(bytes: AsyncIterable<Uint8Array>): ReadableStream<Uint8Array> {
  return Readable.toWeb(Readable.from(bytes)) as ReadableStream<Uint8Array>;
}

/** Places of the inputs of a job. */
export type PlacedInputs = Readonly<Partial<Record<InputName, string>>>;
