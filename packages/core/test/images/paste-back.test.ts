import { expect, it } from 'vitest';
import type { RgbImage } from '../../src/contracts/image';
import { type PasteBackOptions, pasteBack } from '../../src/images/paste-back';
import { imageToQuad } from '../../src/images/quad';
import { cropQuad } from '../../src/images/warp';

/** A picture whose channels rise with x, fall with y, and wave. */
function picture(width: number, height: number): RgbImage {
  const data = new Uint8ClampedArray(width * height * 3);
  for (let y = 0, p = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      data[p++] = 40 + x;
      data[p++] = 220 - y;
      data[p++] = 128 + 60 * Math.sin(x / 9) * Math.cos(y / 7);
    }
  }
  return { width, height, data };
}

const background = picture(160, 120);
const turned = { center: [70, 60], x: [36, 12], y: [-12, 36] } as const;

/** Values of a pixel, and where it is in the quad: 0 in the middle, 1 at the border. */
function* pixels(image: RgbImage, quad: PasteBackOptions['quad']) {
  for (let y = 0, p = 0; y < image.height; y++) {
    for (let x = 0; x < image.width; x++, p += 3) {
      const [u, v] = imageToQuad([x + 0.5, y + 0.5], quad, 2) as unknown as [number, number];
      yield { radius: Math.max(Math.abs(u - 1), Math.abs(v - 1)), at: p };
    }
  }
}

it.each([
  ['turned', turned, 76],
  ['larger than the frame', turned, 60],
  ['smaller than the frame', turned, 256],
  ['partly outside', { center: [10, 110], x: [40, 0], y: [0, 40] } as const, 80],
])('a crop that is %s gives the picture back', (_, quad, size) => {
  const pasted = pasteBack(cropQuad(background, quad, size), { background, quad });
  expect([pasted.width, pasted.height]).toEqual([160, 120]);
  for (const { radius, at } of pixels(pasted, quad)) {
    for (let c = at; c < at + 3; c++) {
      const off = Math.abs(pasted.data[c]! - background.data[c]!);
      if (off > (radius > 1 ? 0 : 2)) expect.fail(`pixel ${at / 3} is ${off} off at ${radius}`);
    }
  }
});

it('covers the middle, fades out towards the border and leaves the rest', () => {
  const white = { width: 8, height: 8, data: new Uint8ClampedArray(192).fill(255) };
  const black = { width: 160, height: 120, data: new Uint8ClampedArray(160 * 120 * 3) };
  const pasted = pasteBack(white, { background: black, quad: turned, feather: 0.25 });
  for (const { radius, at } of pixels(pasted, turned)) {
    const value = pasted.data[at]!;
    if (radius < 0.4) expect(value).toBe(255);
    if (radius > 0.6 && radius < 0.85) expect(value > 0 && value < 255).toBe(true);
    if (radius > 1) expect(value).toBe(0);
  }
  expect(black.data.every((value) => value === 0)).toBe(true);
  const hard = pasteBack(white, { background: black, quad: turned, feather: 0 });
  expect(new Set(hard.data)).toEqual(new Set([0, 255]));
});

it('changes nothing where the quad is outside the picture', () => {
  const quad = { center: [500, 500], x: [20, 0], y: [0, 20] } as const;
  expect(pasteBack(picture(8, 8), { background, quad })).toEqual(background);
});

it.each([
  [{ quad: turned }, 'background'],
  [{ background }, 'quad'],
  [{ background, quad: { ...turned, y: [72, 24] } }, 'quad'],
  [{ background, quad: turned, feather: 0.6 }, 'feather'],
])('refuses bad options: %#', (options, name) => {
  const call = () => pasteBack(picture(4, 4), options as unknown as PasteBackOptions);
  expect(call).toThrow(
    expect.objectContaining({ code: 'invalid-option', message: expect.stringContaining(name) }),
  );
});
