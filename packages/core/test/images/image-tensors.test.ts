import { asImageTensor } from '@faceanim/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { eachBackend } from '../../../tensor/test/support/backends';
import type { RgbImage } from '../../src/contracts/image';
import { imageToTensor, tensorToImages } from '../../src/images/image-tensors';

const image: RgbImage = { width: 2, height: 1, data: new Uint8Array([0, 51, 255, 102, 1, 254]) };

eachBackend(() => {
  it.each(['byte', 'unit', 'signed'] as const)('converts an image to %s and back', async (range) => {
    const batch = imageToTensor([image, image], range);
    expect(batch.shape).toEqual([2, 1, 2, 3]);
    expect((await batch.data())[2]).toBe(range === 'byte' ? 255 : 1);
    expect((await batch.data())[0]).toBe(range === 'signed' ? -1 : 0);
    const back = await tensorToImages(batch, range);
    expect(back).toHaveLength(2);
    expect([...back[1]!.data]).toEqual([...image.data]);
    batch.dispose();
  });

  it('clamps, and rounds or truncates', async () => {
    const batch = asImageTensor(tf.tensor4d([-3, 300, 7.9], [1, 1, 1, 3]), 'byte');
    expect([...(await tensorToImages(batch, 'byte'))[0]!.data]).toEqual([0, 255, 8]);
    expect([...(await tensorToImages(batch, 'byte', 'truncate'))[0]!.data]).toEqual([0, 255, 7]);
    batch.dispose();
  });

  it('refuses images that do not fit together', () => {
    expect(() => imageToTensor([], 'unit')).toThrow(/at least one image/);
    expect(() => imageToTensor([image, { ...image, width: 1, height: 2 }], 'unit')).toThrow(
      /image 1 must be 2 x 1 like the first image/,
    );
    expect(() => imageToTensor({ ...image, data: new Uint8Array(8) }, 'unit')).toThrow(
      /image 0 has 8 bytes for 2 x 1 pixels: it is RGBA/,
    );
  });
});
