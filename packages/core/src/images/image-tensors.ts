import {
  asImageTensor,
  type ImageTensor,
  invalidOption,
  type Range,
  read,
  toByte,
  toSigned,
  toUnit,
} from '@faceanim/tensor';
import * as tf from '@tensorflow/tfjs-core';
import type { RgbImage } from '../contracts/image';
import { anRgbImage } from '../options';

const convert = { byte: toByte, unit: toUnit, signed: toSigned } as const;

/**
 * Converts images in host memory to a tensor `[N, height, width, 3]` with values in `range`. The caller disposes it.
 *
 * @throws FaceanimError `invalid-option` without images, for images of different sizes, and for data that is not three bytes
 *   per pixel; convert `ImageData` with {@link rgbFromRgba}.
 * @category Latents and pictures
 */
export function imageToTensor<R extends Range>(
  images: RgbImage | readonly RgbImage[],
  range: R,
): ImageTensor<R> {
  const batch = 'data' in images ? [images] : images;
  const [first] = batch;
  if (!first) throw invalidOption('images', batch, 'at least one image');
  const { width, height } = first;
  const length = width * height * 3;
  const values = new Float32Array(batch.length * length);
  batch.forEach((image, i) => {
    anRgbImage(image, `image ${i}`);
    if (image.width !== width || image.height !== height) {
      throw invalidOption(
        `image ${i}`,
        `${image.width} x ${image.height}`,
        `${width} x ${height} like the first image`,
      );
    }
    values.set(image.data, i * length);
  });
  return tf.tidy(() => {
    const bytes = asImageTensor(tf.tensor4d(values, [batch.length, height, width, 3]), 'byte');
    return convert[range](bytes, 'byte') as ImageTensor<R>;
  });
}

/**
 * Reads a tensor of images `[N, height, width, 3]` into host memory, clamped to 0..255. Does not dispose it.
 *
 * @param range value range of the tensor.
 * @param rounding `round` to the nearest byte; `truncate` as the original program saves its images. Default `round`.
 * @category Latents and pictures
 */
export async function tensorToImages<R extends Range>(
  batch: ImageTensor<R>,
  range: R,
  rounding: 'round' | 'truncate' = 'round',
): Promise<RgbImage[]> {
  const [count, height, width] = batch.shape;
  const values = await read(tf.tidy(() => tf.clone(toByte(batch, range))));
  const length = width * height * 3;
  return Array.from({ length: count }, (_, i) => {
    const pixels = values.subarray(i * length, (i + 1) * length);
    // A clamped array clamps and rounds.
    const data = Uint8ClampedArray.from(rounding === 'truncate' ? pixels.map(Math.trunc) : pixels);
    return { width, height, data };
  });
}
