import type { RgbImage } from '@faceanim/core';
import { invalidOption } from '@faceanim/tensor/errors';
import { aiComment } from './ai-generated';
import { join, latin1 } from './bytes';

/** The longest side of a GIF in pixels. */
const maxSide = 0xffff;

/** Viewers take a frame that is shown for less than 2/100 s for a mistake, and slow down. */
const shortest = 2;

/** @throws FaceanimError `invalid-option` for frames that are too large */
export function checkGifSize({ width, height }: RgbImage): void {
  if (width <= maxSide && height <= maxSide) return;
  throw invalidOption('frames', `${width}x${height}`, `at most ${maxSide} pixels wide and high for GIF`);
}

/** Says in a GIF that a trained model made it. */
export function gifTag(): Uint8Array<ArrayBuffer> {
  return join([Uint8Array.of(0x21, 0xfe, aiComment.length), latin1(aiComment), Uint8Array.of(0)]);
}

/**
 * How long to show each frame of a GIF, in hundredths of a second; 0 for one that is left out, since GIF has no more than 50
 * frames a second. To be asked for one frame after the other.
 *
 * @param startOf when a frame starts, in seconds
 */
export function gifDelays(startOf: (index: number) => number): (index: number) => number {
  let shown = 0;
  return (index) => {
    const delay = Math.round(startOf(index + 1) * 100) - shown;
    if (delay < shortest && index > 0) return 0;
    const used = Math.max(delay, shortest);
    shown += used;
    return used;
  };
}
