import * as tf from '@tensorflow/tfjs-core';
import { customOp } from '../autodiff/custom-op';
import { fusedKernel } from './fused-kernel';

/** x `[N, inputs]` · matrix `[inputs, outputs]` + bias `[outputs]`, matrix and bias constant; differentiable in x. */
export function dense(x: tf.Tensor2D, matrix: tf.Tensor2D, bias: tf.Tensor1D): tf.Tensor2D {
  return customOp([x], () => ({
    value: fusedKernel('faceanim/Dense', { x, matrix, bias }, {}, () => tf.add(tf.matMul(x, matrix), bias)),
    backward: (dy, _, arrived) => {
      const rest = arrived(0);
      return fusedKernel('faceanim/DenseGradient', { dy, matrix, ...(rest && { rest }) }, {}, () => {
        const dx = matMulTransposed(dy, matrix);
        return rest ? tf.add(dx, rest) : dx;
      });
    },
  }));
}

/**
 * a `[N, outputs]` · the transpose of a large matrix `[inputs, outputs]`, to `[N, inputs]`. WASM multiplies by a matrix
 * it has to transpose twelve times slower, so the small factor and the result are transposed instead.
 */
export function matMulTransposed(a: tf.Tensor2D, matrix: tf.Tensor2D): tf.Tensor2D {
  return tf.transpose(tf.matMul(matrix, tf.transpose(a)) as tf.Tensor2D);
}
