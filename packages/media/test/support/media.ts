import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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

/** A temporary folder that is removed at the end of the scope. */
export function temporaryFolder(): Disposable & { readonly path: string; join(...names: string[]): string } {
  const path = mkdtempSync(join(tmpdir(), 'faceanim-'));
  return {
    path,
    join: (...names) => join(path, ...names),
    [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }),
  };
}

/** Whether the `ffmpeg` command is there; tests that need it are skipped without it. */
export const hasFfmpeg = spawnSync('ffmpeg', ['-version']).status === 0;
if (!hasFfmpeg) console.warn('ffmpeg is not installed: video file tests are skipped');

/** Runs ffmpeg to make a clip for a test. */
export function ffmpeg(...args: string[]): void {
  const { status, stderr } = spawnSync('ffmpeg', ['-v', 'error', '-y', ...args]);
  if (status !== 0) throw new Error(String(stderr));
}
