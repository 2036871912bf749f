import * as tf from '@tensorflow/tfjs-core';
import type { ImageTensor, Range } from '../contracts/image';
import { resize } from './resize';

/** Brings images to `size` × `size` pixels: by area where they are larger, bilinear where they are smaller. */
export function fitTo<R extends Range>(image: ImageTensor<R>, size: number): ImageTensor<R> {
  const [, height, width] = image.shape;
  return height < size || width < size
    ? (tf.image.resizeBilinear(image, [size, size], false, true) as ImageTensor<R>)
    : resize(image, [size, size], 'area');
}
