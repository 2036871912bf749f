import type { Tensor4D } from '@tensorflow/tfjs-core';

/** Value ranges of images: `byte` 0..255, `unit` 0..1, `signed` -1..1. */
export type Range = 'byte' | 'unit' | 'signed';

declare const range: unique symbol;

/**
 * A batch of RGB images `[N, height, width, 3]` (NHWC) whose value range is part of the type.
 * Make one with {@link asImageTensor}, change the range with {@link toUnit} and {@link toSigned}.
 */
export type ImageTensor<R extends Range> = Tensor4D & { readonly [range]: R };

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
