/** A file that a cache holds: a path in Node, a Blob in the browser. Both are sources of checkpoints. */
export type CachedFile = string | Blob;

/** Keeps downloaded files by their address. One file makes one kind of cache. */
export interface WeightCache {
  /** The finished file of an address, if it is there. */
  find(url: string): Promise<CachedFile | undefined>;
  /** SHA-256 of a finished file as lower-case hexadecimal digits. */
  hash(file: CachedFile): Promise<string>;
  /** Goes on with what an earlier download has left, or starts a new one. */
  openPartial(url: string): Promise<PartialDownload>;
}

/** The beginning of a file. */
export interface PartialDownload {
  /** Bytes that are there. */
  readonly size: number;
  /** ETag or date of the file that they were taken from, if the server told one. */
  readonly validator: string | undefined;
  /** Throws away what is there; what comes now is from a file with this validator. */
  restart(validator: string | undefined): Promise<void>;
  /** Adds bytes at the end. */
  append(chunk: Uint8Array<ArrayBuffer>): Promise<void>;
  /** SHA-256 of what is there as lower-case hexadecimal digits. */
  hash(): Promise<string>;
  /** Makes it the finished file, all at once, in place of one that was there. */
  finish(): Promise<CachedFile>;
  /** Keeps what is there, if anything, for the next time; to be called after everything else. */
  close(): Promise<void>;
}
