/**
 * An RGB image in host memory: `data[(y * width + x) * 3 + channel]`, 0..255, no alpha. `ImageData` of a canvas is an
 * {@link RgbaImage}; {@link rgbFromRgba} converts it.
 *
 * @category Look and driver
 */
export interface RgbImage {
  readonly width: number;
  readonly height: number;
  /** `width * height * 3` bytes, row by row. */
  readonly data: Uint8Array | Uint8ClampedArray;
  /** Keeps `ImageData` of a canvas, which has four bytes per pixel, from matching this type. */
  readonly colorSpace?: never;
}

/**
 * An RGBA image in host memory, four bytes per pixel, alpha not premultiplied, such as `ImageData` of a canvas.
 *
 * @category Look and driver
 */
export interface RgbaImage {
  readonly width: number;
  readonly height: number;
  /** `width * height * 4` bytes, row by row. */
  readonly data: Uint8Array | Uint8ClampedArray;
}
