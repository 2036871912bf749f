import type { RgbImage } from '@faceanim/core';

/** What a sink writes to. */
export interface SinkTarget {
  /** Where it writes: a temporary file that is renamed afterwards, or the folder itself. */
  readonly path: string;
  /** The name that the user gave, for errors. */
  readonly name: string;
  readonly fps: number;
  /** Whether a folder may hold frames of an earlier run. */
  readonly overwrite: boolean;
  readonly signal?: AbortSignal;
}

/** Writes frames of one size until they end; an error in `frames` passes through and frees everything. */
export type VideoSink = (frames: AsyncIterable<RgbImage>, target: SinkTarget) => Promise<void>;

/** How long frame `index` is shown in multiples of `unit` ms, rounded so that the sum keeps time. */
export function frameDelay(index: number, fps: number, unit: number): number {
  const at = (i: number) => Math.round((i * 1000) / fps / unit) * unit;
  return at(index + 1) - at(index);
}
