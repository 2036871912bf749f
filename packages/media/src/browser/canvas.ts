import type { RgbImage } from '@faceanim/core';

/** A size in pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Draws onto a white canvas. */
export type Draw = (context: OffscreenCanvasRenderingContext2D) => void;

/** Makes a canvas and returns a function that draws on it and reads the pixels. It can be called for many frames. */
export function pixelReader({ width, height }: Size): (draw: Draw) => RgbImage {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d', { alpha: false, willReadFrequently: true })!;
  context.imageSmoothingQuality = 'high';
  context.fillStyle = '#fff';
  return (draw) => {
    context.fillRect(0, 0, width, height);
    draw(context);
    return withoutAlpha(context.getImageData(0, 0, width, height));
  };
}

function withoutAlpha({ width, height, data: rgba }: ImageData): RgbImage {
  const data = new Uint8ClampedArray(width * height * 3);
  for (let i = 0, p = 0; p < data.length; i += 4) {
    data[p++] = rgba[i]!;
    data[p++] = rgba[i + 1]!;
    data[p++] = rgba[i + 2]!;
  }
  return { width, height, data };
}

/** Adds an opaque alpha channel. A larger `canvas` gets black at the right and below. */
export function withAlpha(
  { width, height, data: rgb }: RgbImage,
  canvas: Size = { width, height },
): ImageData {
  const data = new Uint8ClampedArray(canvas.width * canvas.height * 4);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0, p = y * canvas.width * 4; x < width; x++, p += 4) {
      data[p] = rgb[i++]!;
      data[p + 1] = rgb[i++]!;
      data[p + 2] = rgb[i++]!;
    }
  }
  for (let p = 3; p < data.length; p += 4) data[p] = 255;
  return new ImageData(data, canvas.width, canvas.height);
}
