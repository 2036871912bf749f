import type { RgbImage } from '@faceanim/core';
import { expect, it } from 'vitest';
import { backdropOf } from '../../src/animate/paste-back';

const picture = (width: number, height: number): RgbImage => ({
  width,
  height,
  data: Uint8Array.from({ length: width * height * 3 }, (_, i) => i % 251),
});
const quad = { center: [100, 60], x: [20, 4], y: [-4, 20] } as const;
const look = { ...picture(4, 4), quad };

it('has even sides and the pixels of the picture', () => {
  const { background, quad: same } = backdropOf(picture(151, 120), look)!;
  expect([background.width, background.height]).toEqual([150, 120]);
  const row = 150 * 3;
  expect(Array.from(background.data.subarray(row, row + 450))).toEqual(
    Array.from(picture(151, 120).data.subarray(453, 453 + 450)),
  );
  expect(same).toEqual(quad);
});

it('of a large picture has 1920 pixels a side at most', () => {
  const { background, quad: smaller } = backdropOf(picture(3840, 20), look)!;
  expect([background.width, background.height]).toEqual([1920, 10]);
  expect(smaller).toEqual({ center: [50, 30], x: [10, 2], y: [-2, 10] });
});

it('is not there for a look that was not cropped', () => {
  expect(backdropOf(picture(8, 8), { quad: undefined })).toBeUndefined();
});
