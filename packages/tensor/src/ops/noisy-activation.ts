import * as tf from '@tensorflow/tfjs-core';
import { customOp } from '../autodiff/custom-op';
import { channelDots } from './channel-sums';
import { fusedKernel } from './fused-kernel';
import { type LeakyReluOptions, leakyReluGradient, plainLeakyRelu } from './leaky-relu';

/** The noise input of {@link noisyActivation}. */
export interface ActivationNoise {
  /** `[H, W]`, or `[N, H, W]` with a map per image. */
  readonly map: tf.Tensor;
  /** Factor of the map. */
  readonly strength: number;
  /** Whether gradients flow to the map. Default false. */
  readonly differentiable?: boolean;
}

/**
 * The activation of a StyleGAN2 layer: leakyRelu(x · scale + noise · strength + bias), clipped to ±clamp. Differentiable
 * in x, scale and, if `noise.differentiable`, the noise map.
 *
 * @param x `[N, H, W, C]`
 * @param scale factor of each channel of each image, `[N, C]`
 * @param bias constant, `[C]`
 */
export function noisyActivation(
  x: tf.Tensor4D,
  scale: tf.Tensor2D,
  bias: tf.Tensor1D,
  {
    noise,
    alpha = 0.2,
    clamp = Number.POSITIVE_INFINITY,
  }: LeakyReluOptions & { noise?: ActivationNoise } = {},
): tf.Tensor4D {
  const [n, height, width, channels] = x.shape;
  const attributes = { alpha, clamp };
  const trained = noise?.differentiable ? noise.map : undefined;
  return customOp([x, scale, ...(trained ? [trained] : [])], () => {
    const inputs = { x, scale, bias, ...(noise && { noise: noise.map }) };
    const strength = noise?.strength ?? 0;
    const y = fusedKernel('faceanim/NoisyActivation', inputs, { ...attributes, strength }, () => {
      const shifted = tf.add(tf.mul(x, tf.reshape(scale, [n, 1, 1, channels])), bias) as tf.Tensor4D;
      const map = noise && tf.mul(tf.reshape(noise.map, [-1, height, width, 1]), strength);
      return plainLeakyRelu(map ? tf.add(shifted, map) : shifted, alpha, clamp);
    }) as tf.Tensor4D;
    return {
      value: y,
      saved: [x, scale, y],
      backward: (dy, saved) => {
        const [x, scale, y] = saved as [tf.Tensor4D, tf.Tensor2D, tf.Tensor4D];
        // Needed only where there is no fused kernel, and then by several gradients.
        let shared: tf.Tensor4D | undefined;
        const inner = () => (shared ??= leakyReluGradient(dy, y, { alpha, clamp }));
        const dx = fusedKernel('faceanim/NoisyActivationGradient', { dy, y, scale }, attributes, () =>
          tf.mul(inner(), tf.reshape(scale, [n, 1, 1, channels])),
        );
        const dScale = fusedKernel('faceanim/NoisyActivationScaleGradient', { dy, y, x }, attributes, () =>
          channelDots(inner(), x),
        );
        if (!trained) return [dx, dScale];
        const overChannels = tf.sum(inner(), trained.rank === 2 ? [0, 3] : 3);
        return [dx, dScale, tf.mul(overChannels, strength)];
      },
    };
  });
}
