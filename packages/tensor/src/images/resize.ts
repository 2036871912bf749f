import * as tf from '@tensorflow/tfjs-core';
import { invalidOption } from '../errors';
import type { ImageTensor, Range } from './image-tensor';

/** How {@link resize} samples: `area` averages the pixels under a cell, `nearest` takes one, `bilinear` blends two. */
export type ResizeMode = 'area' | 'bilinear' | 'nearest';

/**
 * Resizes images `[N, H, W, C]` to `[N, height, width, C]`, as PyTorch's `interpolate` does. Differentiable.
 *
 * - `area`: adaptive average pooling. Cell i averages the pixels from floor(i · in / out) up to, but not including,
 *   ceil((i + 1) · in / out).
 * - `bilinear`: cell i blends the two pixels around (i + 0.5) · in / out - 0.5, clamped to the image (half-pixel
 *   centres, `align_corners=False`, no antialiasing).
 * - `nearest`: cell i takes pixel floor(i · in / out).
 *
 * Resizing is linear along rows and along columns, so it is two products with small constant matrices, and its gradient
 * is exact. The gradient of tfjs' own bilinear resize uses other pixel centres than its forward pass.
 *
 * @returns `x` itself if it already has that size
 */
export function resize<T extends tf.Tensor4D>(
  x: T,
  [height, width]: readonly [number, number],
  mode: ResizeMode,
): T {
  if (!(Number.isInteger(height) && height > 0)) throw invalidOption('height', height, 'a positive integer');
  if (!(Number.isInteger(width) && width > 0)) throw invalidOption('width', width, 'a positive integer');
  if (x.shape[1] === height && x.shape[2] === width) return x;
  return tf.tidy(() => {
    const rows = resizeRows(x, height, mode);
    return tf.transpose(resizeRows(tf.transpose(rows, [0, 2, 1, 3]), width, mode), [0, 2, 1, 3]) as T;
  });
}

/**
 * Resizes images to `size` × `size` pixels: by area if they are larger, bilinearly if either side is smaller.
 * Differentiable.
 */
export function fitTo<R extends Range>(image: ImageTensor<R>, size: number): ImageTensor<R> {
  const [, height, width] = image.shape;
  return resize(image, [size, size], height < size || width < size ? 'bilinear' : 'area');
}

/** Shrinks images `[N, H, W, C]` with a side longer than `size` to `[N, size, size, C]`, by area; others pass through. */
export function shrinkTo<T extends tf.Tensor4D>(x: T, size: number): T {
  return Math.max(x.shape[1], x.shape[2]) > size ? resize(x, [size, size], 'area') : x;
}

function resizeRows(x: tf.Tensor4D, outputs: number, mode: ResizeMode): tf.Tensor4D {
  const [n, inputs, width, channels] = x.shape;
  if (inputs === outputs) return x;
  const matrix = tf.tensor2d(samplingMatrix(inputs, outputs, mode), [outputs, inputs]);
  const images = Array.from({ length: n }, (_, i) => {
    const image = n === 1 ? x : tf.slice(x, [i, 0, 0, 0], [1, inputs, width, channels]);
    return tf.matMul(matrix, tf.reshape(image, [inputs, width * channels]) as tf.Tensor2D);
  });
  return tf.reshape(tf.concat(images, 0), [n, outputs, width, channels]);
}

/** Weights of `inputs` pixels in each of `outputs` cells, row by row. */
function samplingMatrix(inputs: number, outputs: number, mode: ResizeMode): Float32Array {
  const matrix = new Float32Array(outputs * inputs);
  for (let i = 0; i < outputs; i++) {
    const row = matrix.subarray(i * inputs, (i + 1) * inputs);
    if (mode === 'bilinear') {
      const at = Math.min(Math.max(((i + 0.5) * inputs) / outputs - 0.5, 0), inputs - 1);
      const from = Math.floor(at);
      row[from] = 1 - (at - from);
      if (at > from) row[from + 1] = at - from;
    } else {
      const from = Math.floor((i * inputs) / outputs);
      const to = mode === 'nearest' ? from + 1 : Math.ceil(((i + 1) * inputs) / outputs);
      row.fill(1 / (to - from), from, to);
    }
  }
  return matrix;
}
