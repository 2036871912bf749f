import * as tf from '@tensorflow/tfjs-core';
import { fusedKernel } from './fused-kernel';

/** Sums of the channels over all pixels, x `[N, H, W, C]` to `[N, C]`. Without a gradient: for gradients. */
export function channelSums(x: tf.Tensor4D): tf.Tensor2D {
  return fusedKernel('faceanim/ChannelSums', { x }, {}, () => plainSums(x));
}

/** Sums of the products of two images over all pixels, both `[N, H, W, C]`, to `[N, C]`. Without a gradient. */
export function channelDots(a: tf.Tensor4D, b: tf.Tensor4D): tf.Tensor2D {
  return fusedKernel('faceanim/ChannelDots', { a, b }, {}, () => plainSums(tf.mul(a, b)));
}

/**
 * Average pooling along columns, then along rows, takes a tenth of the time of the reduction or of a matrix product on
 * WASM, and keeps a GPU busy.
 */
function plainSums(x: tf.Tensor4D): tf.Tensor2D {
  const [n, height, width, channels] = x.shape;
  const mean = tf.avgPool(tf.avgPool(x, [height, 1], 1, 'valid'), [1, width], 1, 'valid');
  return tf.mul(tf.reshape(mean, [n, channels]), height * width);
}
