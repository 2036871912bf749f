import type { RgbImage } from '@faceanim/core';

/** Where and how a sink writes. */
export interface SinkTarget {
  /** A temporary file that is renamed afterwards, or the folder itself. */
  readonly path: string;
  /** The path that the user gave, for errors. */
  readonly name: string;
  /** The constant rate, or undefined for frames at irregular times. */
  readonly fps: number | undefined;
  /** When frame `index` starts, in seconds. */
  readonly startOf: (index: number) => number;
  /** Whether a folder may hold frames of an earlier run. */
  readonly overwrite: boolean;
  /** Whether to say that a trained model made the frames. */
  readonly aiGenerated: boolean;
  readonly signal?: AbortSignal;
}

/** Writes frames of one size until they end. An error of `frames` passes through, and everything is freed. */
export type VideoSink = (frames: AsyncIterable<RgbImage>, target: SinkTarget) => Promise<void>;
