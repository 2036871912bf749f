import { expect, it } from 'vitest';
import { SheetFrames } from '../../src/report/sheet-frames';

const target = new Float64Array(136);
const picture = (value: number) => ({ width: 1, height: 1, data: Uint8Array.of(value, value, value) });

/** Chooses from a run of so many frames, whose driver starts at 100; results come three frames after the driver. */
function choose(count: number, expected?: number) {
  const sheet = new SheetFrames(expected);
  for (let i = 0; i < count + 3; i++) {
    if (i < count) sheet.addDriver(i, { index: 100 + i, driver: picture(i), target });
    if (i >= 3) sheet.addResult(i - 3, picture(i - 3));
    expect(sheet.frames.length).toBeLessThanOrEqual(12);
  }
  return sheet.frames;
}

it.each([
  [1, 1, 1],
  [12, 12, 1],
  [13, 7, 2],
  [30, 10, 3],
  [100, 12, 9],
])('of %d frames it chooses %d, every %d-th', (count, chosen, stride) => {
  const frames = choose(count, count);
  expect(frames.map(({ index }) => index)).toEqual(
    Array.from({ length: chosen }, (_, i) => 100 + stride * i),
  );
  for (const { index, driver, result } of frames) {
    expect([driver.data[0], result.data[0]]).toEqual([index - 100, index - 100]);
  }
});

it.each([
  [12, 1],
  [13, 2],
  [24, 2],
  [25, 4],
  [200, 32],
])('of %d frames that nobody has counted it chooses every %d-th', (count, stride) => {
  const expected = Array.from({ length: Math.ceil(count / stride) }, (_, i) => 100 + stride * i);
  expect(choose(count).map(({ index }) => index)).toEqual(expected);
});
