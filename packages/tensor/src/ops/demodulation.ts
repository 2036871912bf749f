import * as tf from '@tensorflow/tfjs-core';
import { customOp } from '../autodiff/custom-op';
import { matMulTransposed } from './dense';
import { fusedKernel } from './fused-kernel';

/**
 * Demodulation factors of StyleGAN2, which give the outputs of a modulated convolution unit variance: gain / √(Σ style² ·
 * energy + 1e-8). Karras et al. 2020, arXiv 1912.04958, equation 3.
 *
 * @param style `[N, inputs]`; differentiable
 * @param energy sums of the squared weights `[inputs, outputs]`
 * @param gain multiplies the result
 * @returns `[N, outputs]`
 */
export function demodulation(style: tf.Tensor2D, energy: tf.Tensor2D, gain: number): tf.Tensor2D {
  return customOp([style], () => {
    const factors = fusedKernel('faceanim/Demodulation', { style, energy }, { gain }, () =>
      tf.mul(tf.rsqrt(tf.add(tf.matMul(tf.square(style), energy), 1e-8)), gain),
    ) as tf.Tensor2D;
    return {
      value: factors,
      saved: [style, factors],
      backward: (dy, saved, takeAccumulated) => {
        const [style, factors] = saved as [tf.Tensor2D, tf.Tensor2D];
        const addend = takeAccumulated(0);
        const inputs = { dy, style, energy, factors, ...(addend && { addend }) };
        return fusedKernel('faceanim/DemodulationGradient', inputs, { gain }, () => {
          // d factor / d variance = -factor³ / (2 gain²)
          const slope = tf.mul(tf.mul(dy, tf.pow(factors, 3)), -1 / gain ** 2) as tf.Tensor2D;
          const dStyle = tf.mul(style, matMulTransposed(slope, energy));
          return addend ? tf.add(dStyle, addend) : dStyle;
        });
      },
    };
  });
}
