import { invalidOption } from '@faceanim/tensor';
import { defaultSubframes } from '../animate/timing';

/** Checks an output frame rate as `writeVideo` does, but names the flag. @throws {FaceanimError} `invalid-option` */
export function checkRate(fps: number, given: { fps?: number; subframes?: number }): void {
  if (fps > 0 && fps <= 1000) return;
  if (given.fps !== undefined) throw invalidOption('--fps', given.fps, 'more than 0 and at most 1000');
  const expected = `fewer: ${fps} output frames per second are more than 1000`;
  throw invalidOption('--subframes', given.subframes ?? defaultSubframes, expected);
}
