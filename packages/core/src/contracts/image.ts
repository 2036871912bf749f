/**
 * An RGB image in host memory: `data[(y * width + x) * 3 + channel]`, 0..255, no alpha. What a canvas gives is
 * {@link RgbaImage}; {@link rgbFromRgba} makes one of these of it.
 */
export interface RgbImage {
  readonly width: number;
  readonly height: number;
  /** `width * height * 3` bytes, row by row. */
  readonly data: Uint8Array | Uint8ClampedArray;
  /** Has `ImageData` of a canvas, which would fit otherwise and has four bytes a pixel. */
  readonly colorSpace?: never;
}

/** An image with alpha in host memory, four bytes a pixel and alpha not multiplied in: `ImageData` of a canvas is one. */
export interface RgbaImage {
  readonly width: number;
  readonly height: number;
  /** `width * height * 4` bytes, row by row. */
  readonly data: Uint8Array | Uint8ClampedArray;
}
