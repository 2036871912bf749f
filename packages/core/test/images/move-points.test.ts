import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { eachBackend } from '../../../tensor/test/support/backends';
import type { RgbImage } from '../../src/contracts/image';
import { imageToTensor, tensorToImages } from '../../src/images/image-tensors';
import { movement, movePoints } from '../../src/images/move-points';

const size = 64;

async function moved(image: RgbImage, from: number[], to: number[]): Promise<RgbImage> {
  const inSides = (points: number[]) => points.map((value) => value / size);
  const result = tf.tidy(() => {
    const { shape, data } = movement(inSides(from), inSides(to));
    return movePoints(imageToTensor(image, 'byte'), tf.tensor2d(data, [...shape] as [number, number]));
  });
  const [picture] = await tensorToImages(result, 'byte');
  result.dispose();
  return picture!;
}

/** A dark picture with a bright disc of 5 pixels. */
function disc(x: number, y: number): RgbImage {
  const data = new Uint8ClampedArray(3 * size * size).fill(20);
  for (let i = 0; i < size * size; i++) {
    const inside = Math.hypot((i % size) + 0.5 - x, Math.floor(i / size) + 0.5 - y) < 5;
    if (inside) data.fill(220, 3 * i, 3 * i + 3);
  }
  return { width: size, height: size, data };
}

/** The centre of what is brighter than the ground. */
function centre({ data }: RgbImage): [number, number] {
  let [sum, x, y] = [0, 0, 0];
  for (let i = 0; i < size * size; i++) {
    const bright = data[3 * i]! - 20;
    sum += bright;
    x += bright * ((i % size) + 0.5);
    y += bright * (Math.floor(i / size) + 0.5);
  }
  return [x / sum, y / sum];
}

const around = (x: number, y: number) => [x - 6, y, x + 6, y, x, y - 6, x, y + 6];

eachBackend(() => {
  it('shows what is at a point where the point moves to', async () => {
    const [x, y] = centre(await moved(disc(30, 34), around(30, 34), around(34, 31)));
    expect(Math.hypot(x - 34, y - 31)).toBeLessThan(0.3);
  });

  it('leaves what is far away, and everything if no point moves', async () => {
    const image = disc(58, 8);
    expect((await moved(image, around(14, 50), around(18, 46))).data).toEqual(image.data);
    expect((await moved(image, around(14, 50), around(14, 50))).data).toEqual(image.data);
  });

  it('is not torn where points that are close move apart', async () => {
    const [x, y] = centre(await moved(disc(32, 32), [32, 32, 32.5, 32], [30, 32, 34.5, 32]));
    expect(Math.hypot(x - 32, y - 32)).toBeLessThan(0.5);
  });
});
