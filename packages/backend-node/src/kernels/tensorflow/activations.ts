import * as tf from '@tensorflow/tfjs-core';
import { affine } from './affine';
import { takeChannels } from './channels';
import { type NativeBackend, type NativeKernel, nativeOp } from './native';

/** Activations and their gradients, in one pass each; tfjs-node composes a step function of four. */
export const activations: Readonly<Record<string, NativeKernel>> = {
  'faceanim/LeakyRelu': (backend, { x }, { alpha, clamp }) =>
    leakyRelu(backend, x!, alpha as number, clamp as number),
  'faceanim/LeakyReluGradient': (backend, { dy, y }, { alpha, clamp }) => {
    const gradient = nativeOp(backend, 'LeakyReluGrad', [dy!, y!], { floats: { alpha: alpha as number } });
    if (!Number.isFinite(clamp)) return gradient;
    return reluGradient(backend, gradient, tf.sub(clamp as number, tf.abs(y!)));
  },
  'faceanim/ReluGradient': (backend, { dy, y }) => reluGradient(backend, dy!, y!),
  'faceanim/AffineRelu': (backend, { x, scale, shift }) =>
    x!.rank === 4
      ? tf.relu(affine(backend, x!, scale!, shift!))
      : tf.relu(tf.add(tf.mul(x!, scale!), shift!)),
  'faceanim/AffineReluGradient': (backend, { dy, y, scale, addend }, { start }) => {
    const gradient = tf.mul(reluGradient(backend, dy!, y!), scale!);
    if (!addend) return gradient;
    const width = y!.shape.at(-1)!;
    const part = addend.shape.at(-1) === width ? addend : takeChannels(addend, start as number, width);
    return tf.add(gradient, part);
  },
  'faceanim/NoisyActivation': (backend, { x, scale, bias, noise }, { alpha, clamp, strength }) => {
    const [n, height, width, channels] = x!.shape as [number, number, number, number];
    const shifted =
      n === 1
        ? affine(backend, x!, tf.reshape(scale!, [channels]), bias!)
        : tf.add(tf.mul(x!, tf.reshape(scale!, [n, 1, 1, channels])), bias!);
    const map = noise && tf.mul(tf.reshape(noise, [-1, height, width, 1]), strength as number);
    return leakyRelu(backend, map ? tf.add(shifted, map) : shifted, alpha as number, clamp as number);
  },
};

function leakyRelu(backend: NativeBackend, x: tf.Tensor, alpha: number, clamp: number): tf.Tensor {
  const y = nativeOp(backend, 'LeakyRelu', [x], { floats: { alpha } });
  return Number.isFinite(clamp) ? tf.clipByValue(y, -clamp, clamp) : y;
}

function reluGradient(backend: NativeBackend, dy: tf.Tensor, y: tf.Tensor): tf.Tensor {
  return nativeOp(backend, 'ReluGrad', [dy, y]);
}
