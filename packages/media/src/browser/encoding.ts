/** Formats of videos that browsers write. */
export type VideoFormat = 'mp4' | 'webm';

/** How to encode frames; `name` is what errors call the file. */
export interface ImageEncoding {
  readonly name: string;
  /** When frame `index` starts, in seconds. */
  readonly startOf: (index: number) => number;
  /** Whether to say that a trained model made the frames. */
  readonly aiGenerated: boolean;
}

/** What frames were encoded to, and their number. */
export interface Encoded {
  readonly blob: Blob;
  readonly frames: number;
}
