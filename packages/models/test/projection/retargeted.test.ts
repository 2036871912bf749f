import { join } from 'node:path';
import { projectSequence, render } from '@faceanim/core';
import { centredSquare, detectLandmarks, normalizedMeanError } from '@faceanim/core/landmarks';
import { readImage, readVideo } from '@faceanim/media';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import '../../../tensor/test/support/backends';
import { missingClips } from '../../../core/test/landmarks/media';
import { sharedDir } from '../../../tensor/test/support/shared';
import { avatarPack } from '../../src';

const media = join(sharedDir() ?? '', 'media');
const missing = missingClips();

it.skipIf(missing !== '')(
  `a run with the avatar pack follows the motion on the look's own face${missing}`,
  // Tracks and optimises four frames with the real networks.
  { tags: ['long'] },
  async () => {
    await tf.setBackend('wasm');
    const before = tf.memory().numTensors;
    {
      using models = await avatarPack();
      const { generator, landmarkNet } = models;
      const run = projectSequence({
        ...models,
        look: await readImage(join(media, 'look-01.png')),
        driver: readVideo(join(media, 'driver-smile.mp4'), { start: 10, every: 8, limit: 4 }),
        statistics: { samples: 1000 },
      });
      const errors: { target: number; driver: number }[] = [];
      for await (const { latent, driver } of run) {
        const { image, alignedLandmarks, targetLandmarks } = driver;
        for await (const result of render([latent], generator)) {
          const found = (await detectLandmarks(result, centredSquare(result), landmarkNet)).landmarks;
          const inCrop = found.map((value) => (value * image.width) / result.width);
          errors.push({
            target: normalizedMeanError(inCrop, targetLandmarks!),
            driver: normalizedMeanError(inCrop, alignedLandmarks),
          });
        }
      }
      expect(errors).toHaveLength(4);
      // Measured: 0.6 to 0.9 % of the outer eye distance from the target.
      for (const error of errors) {
        expect(error.target).toBeLessThan(0.03);
        expect(error.target).toBeLessThan(0.8 * error.driver);
      }
    }
    expect(tf.memory().numTensors).toBe(before);
  },
);
