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
