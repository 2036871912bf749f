import { expect, it } from 'vitest';
import type { RgbaImage, RgbImage } from '../../src/contracts/image';
import { imageToTensor } from '../../src/images/image-tensors';
import { rectQuad } from '../../src/images/quad';
import { rgbFromRgba } from '../../src/images/rgba';
import { cropQuad } from '../../src/images/warp';

// Opaque red, half green, nothing.
const rgba: RgbaImage = {
  width: 3,
  height: 1,
  data: Uint8ClampedArray.from([255, 0, 0, 255, 0, 255, 0, 128, 9, 9, 9, 0]),
};

it('composites an image with alpha on white', () => {
  const { width, height, data } = rgbFromRgba(rgba);
  expect([width, height]).toEqual([3, 1]);
  expect([...data]).toEqual([255, 0, 0, 127, 255, 127, 255, 255, 255]);
  expect(() => rgbFromRgba({ ...rgba, width: 4 })).toThrow(/16 bytes, four for each of 4 x 1/);
});

it('ImageData is not mistaken for RGB, neither by the compiler nor at run time', () => {
  const fromCanvas = rgba as ImageData;
  // @ts-expect-error ImageData has four bytes per pixel.
  const image: RgbImage = fromCanvas;
  const quad = rectQuad({ x: 0, y: 0, width: 3, height: 1 });
  for (const call of [() => imageToTensor(image, 'unit'), () => cropQuad(image, quad, 2)]) {
    expect(call).toThrow(
      expect.objectContaining({
        code: 'invalid-option',
        message: expect.stringMatching(/12 bytes for 3 x 1 pixels: it is RGBA/),
        hint: expect.stringContaining('rgbFromRgba'),
      }),
    );
  }
});

it('says to pass the image of a frame', () => {
  const frame = { image: rgbFromRgba(rgba), index: 0 } as never;
  expect(() => cropQuad(frame, rectQuad({ x: 0, y: 0, width: 1, height: 1 }), 2)).toThrow(
    expect.objectContaining({ code: 'invalid-option', hint: 'Did you mean its image?' }),
  );
});
