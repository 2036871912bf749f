import * as tf from '@tensorflow/tfjs-core';
import { fusedKernel } from './fused-kernel';

/** Sums every channel over all pixels: x `[N, H, W, C]` to `[N, C]`. Not differentiable: for use in gradients. */
export function channelSums(x: tf.Tensor4D): tf.Tensor2D {
  return fusedKernel('faceanim/ChannelSums', { x }, {}, () => plainSums(x));
}

/** Dot products of the channels of two images, both `[N, H, W, C]`, to `[N, C]`. Not differentiable. */
export function channelDots(a: tf.Tensor4D, b: tf.Tensor4D): tf.Tensor2D {
  return fusedKernel('faceanim/ChannelDots', { a, b }, {}, () => plainSums(tf.mul(a, b)));
}

/** Average pooling down the columns, then along the rows: a tenth of the time of tf.sum or a matrix product on WASM. */
function plainSums(x: tf.Tensor4D): tf.Tensor2D {
  const [n, height, width, channels] = x.shape;
  const mean = tf.avgPool(tf.avgPool(x, [height, 1], 1, 'valid'), [1, width], 1, 'valid');
  return tf.mul(tf.reshape(mean, [n, channels]), height * width);
}
