import { sha256 } from '@faceanim/tensor';
import type { RgbImage } from '../contracts/image';

/** Size and SHA-256 of a picture; undefined if {@link hashOf} is. */
export async function pictureHash({ width, height, data }: RgbImage): Promise<string | undefined> {
  const hash = await hashOf(data);
  return hash && `${width}x${height}:${hash}`;
}

/** A hash of named arrays, independent of their order. */
export async function numbersHash(
  numbers: Readonly<Record<string, ArrayLike<number>>>,
): Promise<string | undefined> {
  const parts = Object.keys(numbers)
    .sort()
    .map((name) => numbers[name]!);
  const all = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return hashOf(new Uint8Array(all.buffer));
}

/** SHA-256; undefined on pages outside secure contexts, which have no `crypto.subtle`: pictures are not compared there. */
async function hashOf(bytes: Uint8Array | Uint8ClampedArray): Promise<string | undefined> {
  return globalThis.crypto?.subtle && (await sha256(bytes));
}
