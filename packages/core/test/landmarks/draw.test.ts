import { describe, expect, it } from 'vitest';
import { Fixture } from '../../../tensor/test/support/fixtures';
import { listFixtures, missingShared } from '../../../tensor/test/support/shared';
import { drawLandmarks } from '../../src/landmarks/draw';

const black = (side: number) => ({ width: side, height: side, data: new Uint8Array(side * side * 3) });

describe('drawLandmarks', () => {
  it('does not modify the image, and accepts points outside it', () => {
    const image = black(8);
    const drawn = drawLandmarks(
      image,
      new Float64Array(136).map((_, i) => ((i * 7) % 40) - 16),
    );
    expect(image.data.every((value) => value === 0)).toBe(true);
    expect(drawn.data.some((value) => value !== 0)).toBe(true);
    expect(() => drawLandmarks(image, new Float64Array(136), { thickness: 0.5 })).toThrow(
      /thickness must be/,
    );
  });

  it('draws a point if all landmarks coincide', () => {
    const { data } = drawLandmarks(black(8), new Float64Array(136).fill(3.9), { color: [1, 0, 0] });
    const lit = [...data.keys()].filter((i) => data[i] === 1).map((i) => [(i / 3) % 8, Math.floor(i / 24)]);
    expect(lit).toEqual([
      [3, 2],
      [2, 3],
      [3, 3],
      [4, 3],
      [3, 4],
    ]);
  });
});

const [common] = listFixtures('projection', /^common\.safetensors$/);

describe.skipIf(!common)(`drawLandmarks against the fixtures${common ? '' : ` (${missingShared})`}`, () => {
  it("sets exactly the pixels of OpenCV's polylines", () => {
    const { tensors } = new Fixture(common!);
    const drivers = [...tensors.keys()].filter((name) => name.endsWith('.drawn.u8'));
    expect(drivers.length).toBeGreaterThan(0);
    for (const name of drivers) {
      const driver = name.replace('.drawn.u8', '');
      const image = imageOf(tensors.get(`${driver}.u8`)!);
      const points = Float64Array.from(tensors.get(`${driver}.landmarks`)!.data);
      expect(drawLandmarks(image, points)).toEqual(imageOf(tensors.get(name)!));
    }
  });
});

/** An image from a tensor `[3, height, width]`. */
function imageOf({ shape, data }: { shape: readonly number[]; data: Float32Array }) {
  const [, height, width] = shape as [number, number, number];
  const pixels = Uint8ClampedArray.from(data, (_, i) => data[(i % 3) * height * width + Math.floor(i / 3)]!);
  return { width, height, data: pixels };
}
