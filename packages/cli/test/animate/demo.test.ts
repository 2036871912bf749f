import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openBackend } from '@faceanim/backend-node';
import { imageToTensor, latentStatistics, type RgbImage, tensorToImages } from '@faceanim/core';
import { readImage } from '@faceanim/media';
import { avatarPack } from '@faceanim/models';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { demoLook, faceanim, temporaryFolder } from '../support';

const folder = temporaryFolder();

// Shorter than `npm run demo`: in these frames the driver's eyes stay open.
it('the demo follows the mouth of the driver and keeps the look', async () => {
  const { mouth } = await demo(...'--limit 5 --steps-look 16 --steps-first 6 --steps-next 6'.split(' '));
  expect(mouth.correlation).toBeGreaterThanOrEqual(0.9);
});

it('the whole demo follows the driver and keeps the look', { tags: ['long'] }, async () => {
  const { mouth, eyes } = await demo();
  expect(mouth.correlation).toBeGreaterThanOrEqual(0.9);
  expect(eyes.correlation).toBeGreaterThanOrEqual(0.8);
});

/** Runs the demo, compares its frames with the look, and returns how they follow the driver. */
async function demo(...flags: string[]): Promise<Record<'mouth' | 'eyes', { correlation: number }>> {
  const out = join(folder, `demo-${flags.length}`);
  const outputs = ['--out', out, '--report', `${out}.json`];
  const { code, stdout } = await faceanim(['demo', ...outputs, '--backend', 'wasm', ...flags]);
  expect(code).toBe(0);
  expect(stdout).toContain(`${out}.sheet.png`);
  const report = JSON.parse(readFileSync(`${out}.json`, 'utf8'));

  // Every frame is closer to the look than the mean face is, by more than a fifth on average.
  const frames = readdirSync(out)
    .filter((name) => name.endsWith('.png'))
    .sort();
  expect(frames).toHaveLength(report.outputFrames);
  const images = await Promise.all(frames.map((name) => readImage(join(out, name))));
  const { distances, fromMean } = await distancesToLook(await readImage(demoLook), images);
  console.log(
    `LPIPS to the look: mean ${mean(distances).toFixed(3)}, worst ${Math.max(...distances).toFixed(3)}; mean face ${fromMean.toFixed(3)}`,
  );
  expect(Math.max(...distances)).toBeLessThan(fromMean);
  expect(mean(distances)).toBeLessThan(0.8 * fromMean);
  return report.following;
}

const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;

async function distancesToLook(look: RgbImage, images: RgbImage[]) {
  await using _backend = await openBackend({ prefer: 'wasm' });
  using pack = await avatarPack();
  const { mean: w } = await latentStatistics(pack.generator, { samples: 1000 });
  const meanFace = tf.tidy(() =>
    pack.generator.synthesis(tf.tile(tf.tensor3d(w, [1, 1, w.length]), [1, pack.generator.numWs, 1])),
  );
  const [face] = await tensorToImages(meanFace, 'signed');
  meanFace.dispose();
  return tf.tidy(() => {
    const features = (x: RgbImage) => pack.perceptual.features(imageToTensor(x, 'signed'));
    const wanted = features(look);
    const distance = (image: RgbImage) =>
      tf.tidy(() => pack.perceptual.distance(wanted, features(image)).dataSync()[0]!);
    return { distances: images.map(distance), fromMean: distance(face!) };
  });
}
