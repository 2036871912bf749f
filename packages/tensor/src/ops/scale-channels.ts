import * as tf from '@tensorflow/tfjs-core';
import { customOp } from '../autodiff/custom-op';
import { channelDots } from './channel-sums';
import { fusedKernel } from './fused-kernel';

/**
 * Multiplies every channel of every image by its own factor: x `[N, H, W, C]` by scale `[N, C]`. Differentiable in both.
 */
export function scaleChannels(x: tf.Tensor4D, scale: tf.Tensor2D): tf.Tensor4D {
  return customOp([x, scale], () => ({
    value: multiplyChannels(x, scale),
    saved: [x, scale],
    backward: (dy, [x, scale], takeAccumulated) => [
      multiplyChannels(dy, scale as tf.Tensor2D, takeAccumulated(0)),
      channelDots(dy, x as tf.Tensor4D),
    ],
  }));
}

/** {@link scaleChannels} plus an optional addend of the shape of x. Not differentiable. */
export function multiplyChannels(x: tf.Tensor4D, scale: tf.Tensor2D, addend?: tf.Tensor): tf.Tensor4D {
  const [n, channels] = scale.shape;
  return fusedKernel('faceanim/ScaleChannels', { x, scale, ...(addend && { addend }) }, {}, () => {
    const scaled = tf.mul<tf.Tensor4D>(x, tf.reshape(scale, [n, 1, 1, channels]));
    return addend ? tf.add(scaled, addend) : scaled;
  });
}
