import type { RgbImage } from '@faceanim/core';
import { FaceanimError } from '@faceanim/tensor/errors';

/** A size in pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Draws onto a white canvas. */
export type Draw = (context: OffscreenCanvasRenderingContext2D) => void;

/**
 * A canvas that is white and opaque; `name` is what errors call the picture or video.
 *
 * @throws FaceanimError `media` if this browser has no canvas of the size
 */
export function whiteCanvas(size: Size, name: string): OffscreenCanvasRenderingContext2D {
  return fitting(size, name, () => {
    const canvas = new OffscreenCanvas(size.width, size.height);
    const context = canvas.getContext('2d', { alpha: false, willReadFrequently: true });
    if (!context) throw new Error('there is no 2d context');
    context.fillStyle = '#fff';
    context.fillRect(0, 0, size.width, size.height);
    // Chromium accepts any size. A canvas that is too large draws nothing and reads as transparent black.
    if (context.getImageData(0, 0, 1, 1).data[3] !== 255) throw new Error('the canvas draws nothing');
    return context;
  });
}

/**
 * Makes a canvas and returns a function that draws on it and reads the pixels. It can be called for many frames.
 *
 * @throws FaceanimError `media` (also while reading) if the size is too large for this browser
 */
export function pixelReader(size: Size, name: string): (draw: Draw) => RgbImage {
  const { width, height } = size;
  const context = whiteCanvas(size, name);
  context.imageSmoothingQuality = 'high';
  return (draw) => {
    context.fillRect(0, 0, width, height);
    draw(context);
    return fitting(size, name, () => withoutAlpha(context.getImageData(0, 0, width, height)));
  };
}

/** Turns whatever a browser throws for a large canvas into one error that names the size. */
function fitting<T>({ width, height }: Size, name: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw new FaceanimError(
      'media',
      `${name} at ${width}x${height} is too large for a canvas of this browser.`,
      {
        ...{ file: name, cause },
        hint: 'Shrink it first. readImage does if you pass maxSide.',
      },
    );
  }
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
