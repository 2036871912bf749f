import * as tf from '@tensorflow/tfjs-core';
import { customOp } from '../autodiff/custom-op';
import { fusedKernel } from './fused-kernel';

/**
 * A dense layer: x `[N, inputs]` · matrix `[inputs, outputs]` + bias `[outputs]`. Differentiable in x; matrix and bias are
 * constant.
 */
export function dense(x: tf.Tensor2D, matrix: tf.Tensor2D, bias: tf.Tensor1D): tf.Tensor2D {
  return customOp([x], () => ({
    value: fusedKernel('faceanim/Dense', { x, matrix, bias }, {}, () => tf.add(tf.matMul(x, matrix), bias)),
    backward: (dy, _, takeAccumulated) => {
      const addend = takeAccumulated(0);
      return fusedKernel('faceanim/DenseGradient', { dy, matrix, ...(addend && { addend }) }, {}, () => {
        const dx = matMulTransposed(dy, matrix);
        return addend ? tf.add(dx, addend) : dx;
      });
    },
  }));
}

/**
 * a `[N, outputs]` times the transpose of a large matrix `[inputs, outputs]`, to `[N, inputs]`.
 *
 * matMul with a transposed operand is twelve times slower on WASM, so the small operand and the result are transposed.
 */
export function matMulTransposed(a: tf.Tensor2D, matrix: tf.Tensor2D): tf.Tensor2D {
  return tf.transpose(tf.matMul(matrix, tf.transpose(a)) as tf.Tensor2D);
}
