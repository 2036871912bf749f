import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it, vi } from 'vitest';
import type { RgbImage } from '../../src/contracts/image';
import { resizeImage } from '../../src/images/warp';
import '../../../tensor/test/support/backends';
import { collect, driver, withNetworks } from './support';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

/** `ImageData` of a canvas, as untyped JavaScript may pass it. */
const rgba: RgbImage = { width: 16, height: 16, data: new Uint8ClampedArray(16 * 16 * 4) };

it('names RGBA as the mistake, for the look and for driver frames', async () => {
  await withNetworks(async (base) => {
    const named = { code: 'invalid-option', hint: expect.stringContaining('rgbFromRgba') };
    await expect(collect({ ...base, look: rgba })).rejects.toMatchObject({
      ...named,
      message: expect.stringMatching(/^look has 1024 bytes for 16 x 16 pixels: it is RGBA/),
    });
    const frames = driver(3);
    frames[2] = { ...frames[2]!, image: rgba };
    for (const bad of [frames, [{ index: 2, image: rgba }]]) {
      await expect(collect({ ...base, driver: bad })).rejects.toMatchObject({
        ...named,
        message: expect.stringContaining('image of driver frame 2'),
      });
    }
  });
});

it('refuses a look that is not square, and hints at prepareLook', async () => {
  await withNetworks(async (base) => {
    const wide = { width: 4, height: 2, data: new Uint8Array(24) };
    await expect(collect({ ...base, look: wide })).rejects.toMatchObject({
      code: 'invalid-option',
      message: expect.stringContaining('4 x 2'),
      hint: expect.stringContaining('prepareLook'),
    });
  });
});

it('shrinks a large look in host memory, not as a tensor', async () => {
  await withNetworks(async (base) => {
    const options = { ...base, driver: driver(1), steps: { look: 0, first: 1, next: 1 } };
    const makeTensor = vi.spyOn(tf.engine(), 'makeTensor');
    try {
      await collect({ ...options, look: resizeImage(base.look!, 1024) });
      const sizes = makeTensor.mock.calls.map(([, shape]) => tf.util.sizeFromShape(shape));
      // Enough for the generator and its statistics; the look has 3 million numbers.
      expect(Math.max(...sizes)).toBeLessThan(1e6);
      expect(sizes).toContain(16 * 16 * 3);
    } finally {
      makeTensor.mockRestore();
    }
  });
});
