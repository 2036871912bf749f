import * as tf from '@tensorflow/tfjs-core';
import { FaceanimError } from '../errors';
import { affine } from '../ops/affine';

/**
 * Value ranges of images: `byte` is 0..255, `unit` 0..1, `signed` -1..1.
 *
 * @category Latents and pictures
 */
export type Range = 'byte' | 'unit' | 'signed';

declare const range: unique symbol;

/**
 * A batch of RGB images, `[N, height, width, 3]`, whose value range is part of its type.
 *
 * {@link asImageTensor} makes one; {@link toUnit}, {@link toSigned} and {@link toByte} change the range.
 *
 * @category Latents and pictures
 */
export type ImageTensor<R extends Range> = tf.Tensor4D & { readonly [range]: R };

/** value = unit · scale + offset */
const ranges: Record<Range, { scale: number; offset: number }> = {
  byte: { scale: 255, offset: 0 },
  unit: { scale: 1, offset: 0 },
  signed: { scale: 2, offset: -1 },
};

/**
 * Declares the value range of a batch of RGB images. Nothing is computed or copied.
 *
 * @param tensor `[N, height, width, 3]`
 * @throws FaceanimError `invalid-option` for any other shape
 */
export function asImageTensor<R extends Range>(tensor: tf.Tensor, _range: R): ImageTensor<R> {
  if (tensor.rank !== 4 || tensor.shape[3] !== 3) {
    throw new FaceanimError(
      'invalid-option',
      `Images must be [N, height, width, 3], got [${tensor.shape}].`,
      { hint: 'Put channels last, drop alpha, and add a batch dimension.' },
    );
  }
  return tensor as ImageTensor<R>;
}

/** Rescales images to 0..1. Differentiable; values are not clamped. */
export function toUnit<R extends Range>(image: ImageTensor<R>, from: R): ImageTensor<'unit'> {
  return convert(image, from, 'unit');
}

/** Rescales images to -1..1. Differentiable; values are not clamped. */
export function toSigned<R extends Range>(image: ImageTensor<R>, from: R): ImageTensor<'signed'> {
  return convert(image, from, 'signed');
}

/** Rescales images to 0..255. Differentiable; values are neither clamped nor rounded. */
export function toByte<R extends Range>(image: ImageTensor<R>, from: R): ImageTensor<'byte'> {
  return convert(image, from, 'byte');
}

function convert<R extends Range>(image: tf.Tensor, from: Range, to: R): ImageTensor<R> {
  const scale = ranges[to].scale / ranges[from].scale;
  const offset = ranges[to].offset - ranges[from].offset * scale;
  if (scale === 1 && offset === 0) return asImageTensor(image, to);
  return tf.tidy(() => asImageTensor(affine(image, scale, offset), to));
}
