import { readFileSync, writeFileSync } from 'node:fs';
import { FaceanimError, randomState } from '@faceanim/tensor';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import { mutate } from '../../tensor/test/support/mutate';
import { readImage, readVideo } from '../src/node';
import { ffmpeg, hasFfmpeg, temporaryFolder } from './support/media';

/** Three noisy frames, or one in formats without animation. */
async function pictures(format: 'png' | 'jpeg' | 'gif' | 'webp' | 'tiff'): Promise<Uint8Array> {
  const noise = Uint8Array.from(randomState(3).randn(48 * 16 * 3), (x) => 128 + 60 * x);
  const image = sharp(noise, { raw: { width: 16, height: 48, channels: 3, pageHeight: 16 } });
  return await image.toFormat(format).toBuffer();
}

/** Reads so many mutations of a file; each must be read, or refused with a typed error, without much memory. */
async function readMutations(
  original: Uint8Array,
  cases: number,
  read: (bytes: Uint8Array<ArrayBuffer>) => Promise<unknown>,
): Promise<void> {
  const random = randomState(1);
  const before = process.resourceUsage().maxRSS;
  for (let i = 0; i < cases; i++) {
    try {
      await read(mutate(original, () => random.randomSample()));
    } catch (error) {
      if (!FaceanimError.isInstance(error)) throw new Error(`case ${i}`, { cause: error });
      expect(['media', 'io']).toContain(error.code);
    }
  }
  const grownMB = (process.resourceUsage().maxRSS - before) / 1000;
  expect(grownMB).toBeLessThan(500);
}

async function readFrames(source: Blob | string): Promise<void> {
  for await (const { image } of readVideo(source)) void image;
}

const readers = [
  ['PNG', 'png', readImage],
  ['JPEG', 'jpeg', readImage],
  ['TIFF', 'tiff', readImage],
  ['animated GIF', 'gif', readFrames],
  ['animated WebP', 'webp', readFrames],
] as const;

it.each(readers)('mutated %s is read or refused with a typed error', async (_, format, read) => {
  await readMutations(await pictures(format), 20, (bytes) => read(new Blob([bytes])));
});

it.each(readers)('mutated %s, many times', { tags: ['long'] }, async (_, format, read) => {
  await readMutations(await pictures(format), 400, (bytes) => read(new Blob([bytes])));
});

it.skipIf(!hasFfmpeg).each(['mp4', 'mkv', 'avi'])(
  'mutated %s is read or refused with a typed error',
  { tags: ['long'] },
  async (container) => {
    using folder = temporaryFolder();
    const clip = folder.join(`clip.${container}`);
    ffmpeg('-f', 'lavfi', '-i', 'testsrc=size=64x64:rate=25:duration=0.2', clip);
    const original = new Uint8Array(readFileSync(clip));
    await readMutations(original, 12, async (bytes) => {
      writeFileSync(clip, bytes);
      await readFrames(clip);
    });
  },
);

it.skipIf(!hasFfmpeg)(
  'frames that grow beyond 8K in mid-stream are not decoded',
  { tags: ['long'] },
  async () => {
    using folder = temporaryFolder();
    const parts = [
      ['64x64', '0.4'],
      ['8192x4352', '0.12'],
    ].map(([size, seconds]) => {
      const part = folder.join(`${size}.ts`);
      const source = `color=size=${size}:rate=25:duration=${seconds}`;
      ffmpeg('-f', 'lavfi', '-i', source, '-c:v', 'libx264', '-preset', 'ultrafast', part);
      return readFileSync(part);
    });
    const clip = folder.join('clip.ts');
    writeFileSync(clip, Buffer.concat(parts));
    await expect(readFrames(clip)).rejects.toMatchObject({ code: 'media', frame: 10 });
  },
);
