import * as tf from '@tensorflow/tfjs-core';
import { scaleByChannel } from './affine';
import type { NativeBackend, NativeKernel } from './native';

/** The channels start … start + width - 1 of an image `[..., C]`. */
export function takeChannels(x: tf.Tensor, start: number, width: number): tf.Tensor {
  const last = x.rank - 1;
  const begin = x.shape.map((_, axis) => (axis === last ? start : 0));
  return tf.slice(
    x,
    begin,
    x.shape.map((size, axis) => (axis === last ? width : size)),
  );
}

/** Multiplies an image `[N, H, W, C]` by factors `[N, C]`. */
export function scaleChannels(backend: NativeBackend, x: tf.Tensor, scale: tf.Tensor): tf.Tensor {
  const [n, channels] = scale.shape as [number, number];
  if (n === 1) return scaleByChannel(backend, x, tf.reshape(scale, [channels]));
  return tf.mul(x, tf.reshape(scale, [n, 1, 1, channels]));
}

/** Operations on channels that the plain versions compute indirectly, since the direct operations are slow on WASM. */
export const channels: Readonly<Record<string, NativeKernel>> = {
  'faceanim/JoinChannels': (_, inputs) => {
    const { addend, ...images } = inputs;
    const joined = tf.concat(Object.values(images), 3);
    return addend ? tf.add(joined, addend) : joined;
  },
  'faceanim/SliceChannels': (_, { x }, { start, width }) =>
    takeChannels(x!, start as number, width as number),
  'faceanim/ScaleChannels': (backend, { x, scale, addend }) => {
    const scaled = scaleChannels(backend, x!, scale!);
    return addend ? tf.add(scaled, addend) : scaled;
  },
  'faceanim/ChannelSums': (_, { x }) => tf.sum(x!, [1, 2]),
  'faceanim/ChannelDots': (_, { a, b }) => tf.sum(tf.mul(a!, b!), [1, 2]),
};
