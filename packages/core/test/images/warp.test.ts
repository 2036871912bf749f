import { describe, expect, it } from 'vitest';
import type { RgbImage } from '../../src/contracts/image';
import { centredSquare, imageToQuad, quadToImage, rectQuad } from '../../src/images/quad';
import { cropQuad, resizeImage } from '../../src/images/warp';

/** An image whose channels are `f(x, y)` at the pixel centres. */
function paint(width: number, height: number, f: (x: number, y: number) => number[]): RgbImage {
  const data = new Uint8ClampedArray(width * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) data.set(f(x + 0.5, y + 0.5), (y * width + x) * 3);
  }
  return { width, height, data };
}

const ramp = (x: number, y: number) => [40 + 2 * x, 200 - 2 * y, x + y];
const turned = { center: [32, 30], x: [12, 5], y: [-5, 12] } as const;

function largestDifference(a: RgbImage, b: RgbImage): number {
  return Math.max(...Array.from(a.data, (value, i) => Math.abs(value - b.data[i]!)));
}

describe('cropQuad', () => {
  it('copies an upright crop at the same scale exactly', () => {
    const image = paint(20, 16, (x, y) => [(x * 37) % 255, (y * 53) % 255, (x * y) % 255]);
    const crop = cropQuad(image, rectQuad({ x: 4, y: 3, width: 10, height: 8 }), { width: 10, height: 8 });
    for (let y = 0; y < 8; y++) {
      const from = ((y + 3) * 20 + 4) * 3;
      expect(crop.data.slice(y * 30, y * 30 + 30)).toEqual(image.data.slice(from, from + 30));
    }
  });

  it.each([8, 26, 61])('puts every pixel where quadToImage says, at %i pixels', (size) => {
    const crop = cropQuad(paint(64, 64, ramp), turned, size);
    const expected = paint(size, size, (x, y) => {
      const [u, v] = quadToImage([x, y], turned, size) as unknown as [number, number];
      return ramp(u, v);
    });
    expect(largestDifference(crop, expected)).toBeLessThanOrEqual(1);
  });

  it('averages when it shrinks', () => {
    const checkers = paint(64, 64, (x, y) => Array(3).fill((Math.floor(x) + Math.floor(y)) % 2 ? 255 : 0));
    expect(resizeImage(checkers, 16).data.every((value) => value === 127 || value === 128)).toBe(true);
  });

  it('repeats the border', () => {
    const image = paint(4, 4, () => [10, 20, 30]);
    const crop = cropQuad(image, { center: [-50, 99], x: [3, 1], y: [-1, 3] }, 5);
    expect(crop).toEqual(paint(5, 5, () => [10, 20, 30]));
  });

  it('takes the centred square', () => {
    expect(centredSquare({ width: 20, height: 10 })).toEqual({ center: [10, 5], x: [5, 0], y: [0, 5] });
  });

  it('refuses invalid sizes and quads', () => {
    const image = paint(4, 4, ramp);
    expect(() => cropQuad(image, turned, 0)).toThrow(/size must be/);
    expect(() => cropQuad(image, turned, 2.5)).toThrow(/size must be/);
    expect(() => cropQuad(image, { ...turned, center: [Number.NaN, 0] }, 4)).toThrow(/quad must be/);
  });
});

describe('imageToQuad', () => {
  it('inverts quadToImage', () => {
    const points = [0, 0, 13.5, 7, 61, -2];
    const back = imageToQuad(quadToImage(points, turned, 61), turned, 61);
    back.forEach((value, i) => {
      expect(value).toBeCloseTo(points[i]!, 9);
    });
  });
});
