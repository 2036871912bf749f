import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { prepareLook, type RgbImage } from '@faceanim/core';
import { cropQuad, locateFace, rectQuad } from '@faceanim/core/landmarks';
import { readImage } from '@faceanim/media';
import { type AvatarPack, avatarPack } from '@faceanim/models';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { missingShared, sharedDir } from '../../../tensor/test/support/shared';
import { alignLook } from '../../src/animate/look';
import { demoLook } from '../support';

import '../../../tensor/test/support/backends';

const media = join(sharedDir() ?? '', 'media');
const looks = sharedDir() ? readdirSync(media).filter((name) => /^look-.*\.png$/.test(name)) : [];
if (looks.length === 0) console.warn(missingShared);

let models: AvatarPack;
beforeAll(async () => {
  await tf.setBackend('wasm');
  models = await avatarPack({ fanModules: 1 });
});
afterAll(() => models[Symbol.dispose]());

async function prepare(image: RgbImage) {
  const warnings: string[] = [];
  const look = await prepareLook(image, { ...models, onWarning: (text) => warnings.push(text) });
  return { look, warnings };
}

it.each<readonly [string, string]>([
  ['the bundled look', demoLook],
  ...looks.map((name) => [name, join(media, name)] as const),
])('%s is aligned, and taken as it is', async (_, path) => {
  const image = await readImage(path);
  const before = tf.memory().numTensors;
  const { look, warnings } = await prepare(image);
  expect(look).toBe(image);
  expect(warnings).toEqual([]);
  expect(tf.memory().numTensors).toBe(before);
});

it.each([
  ['moved by a tenth', { x: 26, y: 0, width: 256, height: 256 }],
  ['a quarter smaller', { x: -32, y: -32, width: 320, height: 320 }],
  ['not square, with the face aside', { x: -96, y: -20, width: 400, height: 300 }],
])('a look that is %s is cropped to where it was', async (_, part) => {
  const image = await readImage(demoLook);
  expect(image.width).toBe(256);
  // Twice as large, so that the crop has more pixels than the generator's pictures.
  const moved = cropQuad(image, rectQuad(part), { width: 2 * part.width, height: 2 * part.height });
  const { look, warnings } = await prepare(moved);
  expect([look.width, look.height]).toEqual([256, 256]);
  expect(warnings).toEqual([expect.stringMatching(/not aligned.*cropped/)]);
  const { quad } = await locateFace(look, { landmarkNet: models.landmarkNet });
  // The upper left corner of the face's quad is the corner of the look.
  const corner = [quad.center[0] - quad.x[0] - quad.y[0], quad.center[1] - quad.x[1] - quad.y[1]] as const;
  expect(Math.hypot(...corner) / 256).toBeLessThan(0.04);
});

it.each([
  [undefined, /^No face was found in the look dog\.png\.$/, /--align-look never/],
  [1, /^Face 1 was not found in the look dog\.png\.$/, /--look-face/],
] as const)(
  'face %s of a look that has none is an error naming its file and flag',
  async (face, message, hint) => {
    const image = await readImage(demoLook);
    // A search in vain would take 175 runs of the network.
    const options = { ...models, face, align: 'always', locate: async () => [] } as const;
    await expect(alignLook(image, 'dog.png', options)).rejects.toMatchObject({
      code: 'no-face',
      file: 'dog.png',
      message: expect.stringMatching(message),
      hint: expect.stringMatching(hint),
    });
  },
);
