import * as tf from '@tensorflow/tfjs-core';
import { addBias, type NativeBackend, type NativeKernel, nativeOp } from './native';

/** Products with a vector, or a few of them. The batched product of tfjs-node takes six times as long for a single one. */
export const dense: Readonly<Record<string, NativeKernel>> = {
  'faceanim/Dense': (backend, { x, matrix, bias }) => addBias(backend, product(backend, x!, matrix!), bias!),
  'faceanim/DenseGradient': (backend, { dy, matrix, addend }) => {
    const dx = productWithTranspose(backend, dy!, matrix!);
    return addend ? tf.add(dx, addend) : dx;
  },
  'faceanim/Demodulation': (backend, { style, energy }, { gain }) =>
    tf.mul(tf.rsqrt(tf.add(product(backend, tf.square(style!), energy!), 1e-8)), gain as number),
  'faceanim/DemodulationGradient': (backend, { dy, style, energy, factors, addend }, { gain }) => {
    const slope = tf.mul(tf.mul(dy!, tf.pow(factors!, 3)), -1 / (gain as number) ** 2);
    const dStyle = tf.mul(style!, productWithTranspose(backend, slope, energy!));
    return addend ? tf.add(dStyle, addend) : dStyle;
  },
};

function product(backend: NativeBackend, a: tf.Tensor, b: tf.Tensor): tf.Tensor {
  return nativeOp(backend, 'MatMul', [a, b]);
}

function productWithTranspose(backend: NativeBackend, a: tf.Tensor, b: tf.Tensor): tf.Tensor {
  return nativeOp(backend, 'MatMul', [a, b], { booleans: { transpose_b: true } });
}
