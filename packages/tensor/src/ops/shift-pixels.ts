import * as tf from '@tensorflow/tfjs-core';
import { fusedKernel } from './fused-kernel';

/**
 * Warps an image: each pixel of the result is the bilinear sample of the image at its own place plus a shift. Outside, the border
 * of the image is repeated. Not differentiable.
 *
 * @param image `[1, H, W, C]`
 * @param shifts along x, then along y, in pixels, `[2, H, W]`
 */
export function shiftPixels<T extends tf.Tensor4D>(image: T, shifts: tf.Tensor3D): T {
  return fusedKernel('faceanim/ShiftPixels', { image, shifts }, {}, () =>
    tf.tidy(() => plain(image, shifts)),
  ) as T;
}

function plain(image: tf.Tensor4D, shifts: tf.Tensor3D): tf.Tensor4D {
  const [, height, width, channels] = image.shape;
  const [shiftX, shiftY] = tf.split(shifts, 2);
  const [left, right, across] = around(tf.add(shiftX!, tf.range(0, width)), width);
  const [top, bottom, down] = around(tf.add(shiftY!, tf.reshape(tf.range(0, height), [height, 1])), height);
  const pixels = tf.reshape(image, [height * width, channels]);
  const at = (y: tf.Tensor, x: tf.Tensor) =>
    tf.gather(pixels, tf.cast(tf.reshape(tf.add(tf.mul(y, width), x), [-1]), 'int32'));
  const mix = (a: tf.Tensor, b: tf.Tensor, share: tf.Tensor) =>
    tf.add(a, tf.mul(tf.sub(b, a), tf.reshape(share, [-1, 1])));
  const upper = mix(at(top, left), at(top, right), across);
  const lower = mix(at(bottom, left), at(bottom, right), across);
  return tf.reshape(mix(upper, lower, down), image.shape);
}

/** The pixels before and after a place, and how far it is from the first towards the second. */
function around(places: tf.Tensor, size: number): [tf.Tensor, tf.Tensor, tf.Tensor] {
  const inside = tf.clipByValue(places, 0, size - 1);
  const first = tf.floor(inside);
  return [first, tf.minimum(tf.add(first, 1), size - 1), tf.sub(inside, first)];
}
