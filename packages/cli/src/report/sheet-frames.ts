import type { RgbImage } from '@faceanim/core';
import type { Landmarks } from '@faceanim/core/landmarks';

/** A driver frame and the picture made from it. */
export interface SheetFrame {
  /** Index in the driver. */
  readonly index: number;
  readonly driver: RgbImage;
  /** Where the result should have its landmarks, from 0 to 1. */
  readonly target: Landmarks;
  readonly result: RgbImage;
}

/** Most frames of a contact sheet. */
const most = 12;

/**
 * Chooses the frames of a contact sheet while a run goes on, evenly spread, and keeps the pictures of these only. If the run
 * is longer than expected, every other one is let go.
 */
export class SheetFrames {
  #stride: number;
  readonly #kept = new Map<number, Omit<SheetFrame, 'result'> & Partial<SheetFrame>>();

  /** @param expected Number of frames of the run, if it is known. */
  constructor(expected = 1) {
    this.#stride = Math.max(1, Math.ceil(expected / most));
  }

  /** Takes what is known before the result; `position` is the frame's index in the run. */
  addDriver(position: number, frame: Omit<SheetFrame, 'result'>): void {
    if (position % this.#stride !== 0) return;
    this.#kept.set(position, frame);
    if (this.#kept.size <= most) return;
    this.#stride *= 2;
    for (const at of this.#kept.keys()) if (at % this.#stride !== 0) this.#kept.delete(at);
  }

  /** Takes the picture made for a frame, after the driver's. */
  addResult(position: number, result: RgbImage): void {
    const frame = this.#kept.get(position);
    if (frame) this.#kept.set(position, { ...frame, result });
  }

  /** The chosen frames that have both pictures, in their order. */
  get frames(): SheetFrame[] {
    return [...this.#kept.values()].filter((frame): frame is SheetFrame => frame.result !== undefined);
  }
}
