import { describe, expect, it } from 'vitest';
import {
  eyeOpening,
  landmarkJitter,
  landmarksOf,
  mouthOpening,
  mouthWidth,
  normalizedMeanError,
} from '../../src/landmarks/measures';
import { mediaLandmarks } from './media';

const square = landmarksOf(Array.from({ length: 68 }, (_, i) => [i % 10, Math.floor(i / 10)]));

describe('measures', () => {
  it('do not depend on size and position', () => {
    const moved = square.map((value, i) => 3 * value + (i % 2 ? 5 : -2));
    for (const measure of [mouthOpening, mouthWidth, eyeOpening]) {
      expect(measure(moved)).toBeCloseTo(measure(square), 12);
    }
  });

  it('measure the error in outer eye distances', () => {
    const unit = Math.hypot(1, -1 + 2); // 36 is at (6, 3), 45 at (5, 4)
    const shifted = square.map((value, i) => value + (i % 2 ? 0 : 0.3));
    expect(normalizedMeanError(shifted, square)).toBeCloseTo(0.3 / unit, 12);
  });

  it('give the jitter of a shaken clip, and none of a steady motion', () => {
    const clip = (shake: number) =>
      [0, 1, 2, 3].map((t) => square.map((value, i) => value + 5 * t + (i % 2 ? 0 : shake * (-1) ** t)));
    const unit = Math.hypot(1, 1);
    expect(landmarkJitter(clip(0))).toBeCloseTo(0, 12);
    expect(landmarkJitter(clip(0.1))).toBeCloseTo(0.4 / unit, 12);
    expect(landmarkJitter([square, square])).toBeNaN();
  });

  it('refuse another number of landmarks, and NaN', () => {
    expect(() => landmarksOf([[1, 2]])).toThrow(/68 pairs/);
    expect(() => landmarksOf(Array(68).fill([1, Number.NaN]))).toThrow(/68 pairs/);
  });

  it.skipIf(mediaLandmarks('driver-talk').length === 0)('detect a talking mouth and blinking eyes', () => {
    const frames = mediaLandmarks('driver-talk').map((frame) => frame!);
    const mouth = frames.map(mouthOpening);
    expect(Math.max(...mouth) - Math.min(...mouth)).toBeGreaterThan(0.05);
    const eyes = frames.map(eyeOpening);
    expect(Math.min(...eyes)).toBeLessThan(0.5 * Math.max(...eyes));
  });
});
