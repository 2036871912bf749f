import * as tf from '@tensorflow/tfjs-core';
import { customOp } from '../autodiff/custom-op';
import { matMulTransposed } from './dense';
import { fusedKernel } from './fused-kernel';

/**
 * Factors that bring the outputs of a modulated convolution to unit variance (StyleGAN2, Karras et al. 2020, arXiv
 * 1912.04958, equation 3): gain / √(Σ style² · energy + 1e-8).
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
      backward: (dy, saved, arrived) => {
        const [style, factors] = saved as [tf.Tensor2D, tf.Tensor2D];
        const rest = arrived(0);
        const inputs = { dy, style, energy, factors, ...(rest && { rest }) };
        return fusedKernel('faceanim/DemodulationGradient', inputs, { gain }, () => {
          // d factor / d variance = -factor³ / 2 gain²
          const flow = tf.mul(tf.mul(dy, tf.pow(factors, 3)), -1 / gain ** 2) as tf.Tensor2D;
          const own = tf.mul(style, matMulTransposed(flow, energy));
          return rest ? tf.add(own, rest) : own;
        });
      },
    };
  });
}
