import type { RgbImage } from '@faceanim/core';

/** Where a plane of an image lies in a buffer. */
export interface Plane {
  readonly offset: number;
  /** Bytes from one row to the next. */
  readonly stride: number;
}

/** A luma-chroma encoding: weights of red and blue in luma (ITU-R BT.601, BT.709), and its range of values. */
export interface YuvEncoding {
  readonly red: number;
  readonly blue: number;
  /** 0..255 where true, else luma 16..235 and chroma 16..240. */
  readonly fullRange: boolean;
}

/** What the SDK writes, and most video is. */
export const bt709: YuvEncoding = { red: 0.2126, blue: 0.0722, fullRange: false };
/** Standard definition. */
export const bt601: YuvEncoding = { red: 0.299, blue: 0.114, fullRange: false };

/** Planar 4:2:0 to RGB; chroma is taken from the nearest sample. */
export function i420ToRgb(
  data: Uint8Array,
  planes: readonly Plane[],
  width: number,
  height: number,
  encoding: YuvEncoding,
): RgbImage {
  const { red, blue, fullRange } = encoding;
  const [luma, cb, cr] = planes as [Plane, Plane, Plane];
  const [base, lumaScale, chromaScale] = fullRange ? [0, 1, 1] : [16, 255 / 219, 255 / 224];
  const green = 1 - red - blue;
  const rgb = new Uint8ClampedArray(width * height * 3);
  for (let y = 0, p = 0; y < height; y++) {
    const row = luma.offset + y * luma.stride;
    const cbRow = cb.offset + (y >> 1) * cb.stride;
    const crRow = cr.offset + (y >> 1) * cr.stride;
    for (let x = 0; x < width; x++) {
      const l = (data[row + x]! - base) * lumaScale;
      const r = l + 2 * (1 - red) * (data[crRow + (x >> 1)]! - 128) * chromaScale;
      const b = l + 2 * (1 - blue) * (data[cbRow + (x >> 1)]! - 128) * chromaScale;
      rgb[p++] = r;
      rgb[p++] = (l - red * r - blue * b) / green;
      rgb[p++] = b;
    }
  }
  return { width, height, data: rgb };
}

/** RGB of even size to planar 4:2:0, planes one after the other; chroma is the mean of two by two pixels. */
export function rgbToI420(image: RgbImage, encoding: YuvEncoding): Uint8Array {
  const { width, height, data } = image;
  const { red, blue, fullRange } = encoding;
  const [base, lumaScale, chromaScale] = fullRange ? [0, 1, 1] : [16, 219 / 255, 224 / 255];
  const green = 1 - red - blue;
  const out = new Uint8ClampedArray((width * height * 3) / 2);
  const chroma = (width / 2) * (height / 2);
  for (let y = 0; y < height; y += 2) {
    for (let x = 0; x < width; x += 2) {
      let [lumaSum, redSum, blueSum] = [0, 0, 0];
      for (let i = 0; i < 4; i++) {
        const pixel = (y + (i >> 1)) * width + x + (i & 1);
        const [r, g, b] = [data[pixel * 3]!, data[pixel * 3 + 1]!, data[pixel * 3 + 2]!];
        const l = red * r + green * g + blue * b;
        out[pixel] = base + l * lumaScale;
        lumaSum += l;
        redSum += r;
        blueSum += b;
      }
      const at = width * height + (y / 2) * (width / 2) + x / 2;
      out[at] = 128 + ((blueSum - lumaSum) / 4 / (2 * (1 - blue))) * chromaScale;
      out[at + chroma] = 128 + ((redSum - lumaSum) / 4 / (2 * (1 - red))) * chromaScale;
    }
  }
  return new Uint8Array(out.buffer);
}
