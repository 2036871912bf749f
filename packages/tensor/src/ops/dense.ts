import * as tf from '@tensorflow/tfjs-core';
import { customOp } from '../autodiff/custom-op';
import { fusedKernel } from './fused-kernel';

/**
 * Most vectors that backends have kernels for, which read the whole matrix once for each vector. For more, such as the samples
 * of latent statistics, a matrix product is faster: for a thousand vectors twelve times on a software WebGPU, three times on WASM.
 */
const mostVectors = 32;

/**
 * A dense layer: x `[N, inputs]` · matrix `[inputs, outputs]` + bias `[outputs]`. Differentiable in x; matrix and bias are
 * constant.
 */
export function dense(x: tf.Tensor2D, matrix: tf.Tensor2D, bias: tf.Tensor1D): tf.Tensor2D {
  const kernel = x.shape[0] <= mostVectors ? fusedKernel : plainly;
  return customOp([x], () => ({
    value: kernel('faceanim/Dense', { x, matrix, bias }, {}, () => tf.add(tf.matMul(x, matrix), bias)),
    backward: (dy, _, takeAccumulated) => {
      const addend = takeAccumulated(0);
      return kernel('faceanim/DenseGradient', { dy, matrix, ...(addend && { addend }) }, {}, () => {
        const dx = matMulTransposed(dy, matrix);
        return addend ? tf.add(dx, addend) : dx;
      });
    },
  }));
}

const plainly: typeof fusedKernel = (_name, _inputs, _attributes, plain) => plain();

/**
 * a `[N, outputs]` times the transpose of a large matrix `[inputs, outputs]`, to `[N, inputs]`.
 *
 * matMul with a transposed operand is twelve times slower on WASM, so the small operand and the result are transposed.
 */
export function matMulTransposed(a: tf.Tensor2D, matrix: tf.Tensor2D): tf.Tensor2D {
  return tf.transpose(tf.matMul(matrix, tf.transpose(a)) as tf.Tensor2D);
}
