import { join } from 'node:path';
import { FaceanimError, prepareLook, projectSequence, type RgbImage, render } from '@faceanim/core';
import { centredSquare, defaultMinScore, detectLandmarks } from '@faceanim/core/landmarks';
import { readImage, readVideo } from '@faceanim/media';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import '../../../tensor/test/support/backends';
import { missingClips } from '../../../core/test/landmarks/media';
import { sharedDir } from '../../../tensor/test/support/shared';
import { type AvatarPack, avatarPack } from '../../src';

const media = join(sharedDir() ?? '', 'media');
const missing = missingClips();

const drawn = (svg: string) =>
  readImage(
    new Blob([
      `<svg xmlns="http://www.w3.org/2000/svg" width="256" height="256">
      <rect width="256" height="256" fill="#fff"/><g stroke="#000" stroke-width="5">${svg}</g></svg>`,
    ]),
  );
const features = `<g fill="none"><path d="M72 84 Q96 72 116 84 M140 84 Q160 72 184 84 M128 116 L120 148 L136 148"/>
  <path d="M88 180 Q128 212 168 180"/></g><circle cx="96" cy="108" r="10"/><circle cx="160" cy="108" r="10"/>`;

const drawing = () => drawn(`<ellipse cx="128" cy="128" rx="80" ry="100" fill="#fdb"/>${features}`);
const animal = () =>
  drawn(`<path d="M56 88 L64 24 L112 64 Z M200 88 L192 24 L144 64 Z" fill="#c96"/>
    <ellipse cx="128" cy="132" rx="84" ry="76" fill="#c96"/>${features}`);
const frameOf = async (clip: string, index: number): Promise<RgbImage> => {
  for await (const { image } of readVideo(join(media, `driver-${clip}.mp4`), { start: index, limit: 1 }))
    return image;
  throw new Error(`${clip} has no frame ${index}`);
};

function upsideDown({ width, height, data }: RgbImage): RgbImage {
  const turned = new Uint8Array(data.length);
  for (let i = 0; i < data.length; i += 3) turned.set(data.subarray(i, i + 3), data.length - 3 - i);
  return { width, height, data: turned };
}

/** A grey bar over mouth and chin. */
function masked({ width, height, data }: RgbImage): RgbImage {
  const grey = new Uint8Array(data);
  for (let y = Math.round(0.57 * height); y < 0.78 * height; y++) {
    grey.fill(128, 3 * (y * width + Math.round(0.29 * width)), 3 * (y * width + Math.round(0.68 * width)));
  }
  return { width, height, data: grey };
}

function sideBySide(a: RgbImage, b: RgbImage): RgbImage {
  const data = new Uint8Array(a.data.length + b.data.length);
  const [left, right] = [3 * a.width, 3 * b.width];
  for (let y = 0; y < a.height; y++) {
    data.set(a.data.subarray(y * left, (y + 1) * left), y * (left + right));
    data.set(b.data.subarray(y * right, (y + 1) * right), y * (left + right) + left);
  }
  return { width: a.width + b.width, height: a.height, data };
}

describe.skipIf(missing !== '')(`odd input, with the avatar pack${missing}`, { tags: ['long'] }, () => {
  let models: AvatarPack;
  let look: RgbImage;
  beforeAll(async () => {
    await tf.setBackend('wasm');
    models = await avatarPack();
    look = await readImage(join(media, 'look-02.png'));
  });
  afterAll(() => models?.[Symbol.dispose]());

  const faceScore = async (image: RgbImage) =>
    (await detectLandmarks(image, centredSquare(image), models.landmarkNet)).score;

  it.each<[string, () => Promise<RgbImage>]>([
    ['nothing but background', () => frameOf('noface', 5)],
    ['an animal', animal],
    ['a face upside down', async () => upsideDown(await frameOf('smile', 25))],
  ])('a driver that shows %s is refused', async (_, frame) => {
    const image = await frame();
    const run = projectSequence({
      ...models,
      look,
      driver: [{ index: 3, image }],
      statistics: { samples: 100 },
    });
    const error = await run.next().catch((error: unknown) => error);
    expect(FaceanimError.isInstance(error) && error).toMatchObject({ code: 'no-face', frame: 3 });
  });

  it.each<[string, () => Promise<RgbImage>]>([
    ['a drawing', drawing],
    ['a face upside down', async () => upsideDown(look)],
  ])('%s is refused as a look', async (_, picture) => {
    await expect(prepareLook(await picture(), models)).rejects.toMatchObject({ code: 'no-face' });
  });

  it('of a look with two faces, one is taken', async () => {
    const both = sideBySide(look, await readImage(join(media, 'look-03.png')));
    const prepared = await prepareLook(both, models);
    expect([prepared.width, prepared.height]).toEqual([256, 256]);
    expect(await faceScore(prepared)).toBeGreaterThan(defaultMinScore);
  });

  it.each<[string, () => Promise<RgbImage[]>]>([
    ['one frame', async () => [await frameOf('smile', 25)]],
    [
      'a mask over the mouth',
      async () => [await frameOf('smile', 10), await frameOf('smile', 25)].map(masked),
    ],
  ])('a driver with %s gives faces', async (_, frames) => {
    const images = await frames();
    const run = projectSequence({
      ...models,
      look,
      driver: images.map((image, index) => ({ index, image })),
      statistics: { samples: 1000 },
      steps: { first: 2, next: 1 },
    });
    let count = 0;
    for await (const { latent } of run) {
      for await (const result of render([latent], models.generator)) {
        expect(await faceScore(result)).toBeGreaterThan(defaultMinScore);
        count++;
      }
    }
    expect(count).toBe(images.length);
  });
});
