import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { openBackend } from '@faceanim/backend-node';
import { type BackendName, interpolate, projectSequence, type RgbImage, render } from '@faceanim/core';
import { readImage, readVideo, withAiTag } from '@faceanim/media';
import { avatarPack } from '@faceanim/models';
import sharp from 'sharp';
import type { BenchmarkContext } from './run';

export const description =
  'draws the moving picture of the README and of the start page [--out FILE] [--backend NAME]';

/** Sides of the result, and of look and driver, which stand above each other beside it. */
const [large, small, gap] = [256, 126, 4];
const fps = 25;

/** Look and driver of the demo, all frames, default settings and the refinement. */
export async function run({ args, log }: BenchmarkContext) {
  const { out, backend: prefer } = parseArgs({
    args,
    options: { out: { type: 'string', default: 'docs/public/hero.webp' }, backend: { type: 'string' } },
  }).values;
  await using backend = await openBackend({ prefer: prefer as BackendName | undefined });
  using pack = await avatarPack();
  const look = await readImage('packages/cli/assets/demo-look.png');
  const driver = await all(readVideo('packages/cli/assets/demo-driver.webp'));
  const frames = [];
  for await (const frame of projectSequence({ ...pack, backend, look, driver, refine: true })) {
    frames.push(frame);
    log(`frame ${frame.index}`);
  }
  const results = await all(render(interpolate(frames, { factor: 2 }), pack.generator));
  const pictures = results.map((result, i) => beside(look, driver[Math.floor(i / 2)]!.image, result));
  const webp = await sharp(await Promise.all(pictures), { join: { animated: true } })
    .webp({ quality: 90, effort: 6, delay: results.map(() => 1000 / fps), loop: 0 })
    .toBuffer();
  writeFileSync(out, withAiTag(webp, 'webp'));
  return { backend: backend.description, frames: results.length, bytes: webp.length };
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

async function beside(look: RgbImage, driver: RgbImage, result: RgbImage): Promise<Buffer> {
  return sharp({
    create: { width: small + gap + large, height: large, channels: 4, background: '#0000' },
  })
    .composite([
      { input: await resized(look, small), left: 0, top: 0 },
      { input: await resized(driver, small), left: 0, top: large - small },
      { input: await resized(result, large), left: small + gap, top: 0 },
    ])
    .png()
    .toBuffer();
}

function resized({ width, height, data }: RgbImage, side: number): Promise<Buffer> {
  return sharp(data, { raw: { width, height, channels: 3 } })
    .resize(side, side)
    .png()
    .toBuffer();
}
