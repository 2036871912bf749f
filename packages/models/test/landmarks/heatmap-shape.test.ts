import { join } from 'node:path';
import { imageToTensor } from '@faceanim/core';
import { decodeSubpixel, drawHeatmaps, heatmapShape, standardLandmarkInput } from '@faceanim/core/landmarks';
import { readImage } from '@faceanim/media';
import { read } from '@faceanim/tensor';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-wasm';
import { expect, it } from 'vitest';
import { missingShared, sharedDir } from '../../../tensor/test/support/shared';
import { loadLandmarkNet } from '../../src';
import { bundledFile } from '../support/bundled';

const shared = sharedDir();

it.skipIf(!shared)(
  `the maps of a look are those drawn as of other looks${shared ? '' : ` (${missingShared})`}`,
  async () => {
    await tf.setBackend('wasm');
    using net = await loadLandmarkNet(bundledFile('fan.safetensors'));
    const layout = { points: net.points, size: net.heatmapSize };
    const heatmaps = await Promise.all(
      ['look-01', 'look-02', 'look-03', 'look-04'].map(async (name) => {
        const image = await readImage(join(shared!, 'media', `${name}.png`));
        return read(
          tf.tidy(() => net.heatmaps(standardLandmarkInput(imageToTensor(image, 'signed'), net, 'driver'))),
        );
      }),
    );
    for (const [i, maps] of heatmaps.entries()) {
      const shape = heatmapShape(
        heatmaps.filter((other) => other !== maps),
        layout,
      );
      const found = Float32Array.from(decodeSubpixel(maps, layout).points);
      const drawn = await read(tf.tidy(() => drawHeatmaps(shape, tf.tensor2d(found, [net.points, 2]))));
      const difference = maps.reduce((sum, value, j) => sum + (value - drawn[j]!) ** 2, 0);
      const energy = maps.reduce((sum, value) => sum + value ** 2, 0);
      expect(difference / energy, `look ${i + 1}`).toBeLessThan(0.08);
    }
  },
);
