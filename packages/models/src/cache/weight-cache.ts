/** A file in a cache: a path in Node, a Blob in the browser. Loaders take either. */
export type CachedFile = string | Blob;

/** A cache of downloaded files by URL. */
export interface WeightCache {
  /** Looks up the complete file of a URL. */
  find(url: string): Promise<CachedFile | undefined>;
  /** SHA-256 of a complete file as lower-case hexadecimal digits. */
  hash(file: CachedFile): Promise<string>;
  /** Resumes an earlier download that was interrupted, or starts a new one. */
  openPartial(url: string): Promise<PartialDownload>;
}

/** A download in progress: the beginning of a file. */
export interface PartialDownload {
  /** Number of bytes so far. */
  readonly size: number;
  /** ETag or date of the file they belong to, if the server sent one. */
  readonly validator: string | undefined;
  /** Discards the bytes so far; the next ones belong to a file with this validator. */
  restart(validator: string | undefined): Promise<void>;
  /** Appends bytes. */
  append(chunk: Uint8Array<ArrayBuffer>): Promise<void>;
  /** SHA-256 of the bytes so far as lower-case hexadecimal digits. */
  hash(): Promise<string>;
  /** Turns it into the complete file, atomically; replaces an earlier one. */
  finish(): Promise<CachedFile>;
  /** Keeps the bytes so far, if any, for the next time. The last call. */
  close(): Promise<void>;
}
