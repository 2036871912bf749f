import type { RgbImage } from '@faceanim/core';

/** A smooth picture that differs from frame to frame. */
export function picture(width: number, height: number, frame = 0): RgbImage {
  const data = new Uint8Array(width * height * 3);
  for (let y = 0, p = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      data[p++] = Math.round((255 * x) / width);
      data[p++] = Math.round((255 * y) / height);
      data[p++] = (frame * 40) % 256;
    }
  }
  return { width, height, data };
}

/** What is no RGB image, and what an error says of it. */
export const noRgbImages = {
  rgba: [
    { width: 2, height: 2, data: new Uint8ClampedArray(16) },
    'has 16 bytes for 2 x 2 pixels: it is RGBA',
  ],
  short: [{ width: 2, height: 2, data: new Uint8Array(5) }, 'has 5 bytes for 2 x 2 pixels, not 12'],
  floats: [{ width: 2, height: 2, data: new Float32Array(12) }, 'must be an RgbImage'],
  noSize: [{ width: 0, height: 0, data: new Uint8Array(0) }, 'must be an RgbImage'],
  number: [7, 'must be an RgbImage {width, height, data}, as readImage returns it, got 7'],
  nothing: [undefined, 'must be an RgbImage'],
} as const satisfies Record<string, readonly [unknown, string]>;

/** Mean of the absolute differences of all values, 0..255. */
export function meanDifference(a: RgbImage, b: RgbImage): number {
  let sum = 0;
  for (let i = 0; i < a.data.length; i++) sum += Math.abs(a.data[i]! - b.data[i]!);
  return sum / a.data.length;
}

/** Everything an async iterable gives. */
export async function collect<T>(source: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of source) all.push(item);
  return all;
}
