import * as tf from '@tensorflow/tfjs-core';
import { customOp } from '../autodiff/custom-op';
import { channelDots } from './channel-sums';
import { sliceChannels } from './concat-channels';
import { fusedKernel } from './fused-kernel';

/**
 * Multiplies every channel of every image by its own factor: x `[N, H, W, C]`, scale `[N, C]`; differentiable in
 * both.
 */
export function scaleChannels(x: tf.Tensor4D, scale: tf.Tensor2D): tf.Tensor4D {
  return customOp([x, scale], () => ({
    value: multiplyChannels(x, scale),
    saved: [x, scale],
    backward: (dy, [x, scale], arrived) => [
      multiplyChannels(dy, scale as tf.Tensor2D, arrived(0)),
      channelDots(dy, x as tf.Tensor4D),
    ],
  }));
}

/** {@link scaleChannels} without a gradient, plus, if given, an image of the same shape. */
export function multiplyChannels(x: tf.Tensor4D, scale: tf.Tensor2D, rest?: tf.Tensor): tf.Tensor4D {
  const [n, channels] = scale.shape;
  return fusedKernel('faceanim/ScaleChannels', { x, scale, ...(rest && { rest }) }, {}, () => {
    const scaled = tf.mul<tf.Tensor4D>(x, tf.reshape(scale, [n, 1, 1, channels]));
    return rest ? tf.add(scaled, rest) : scaled;
  });
}

/** Options of {@link leakyRelu}. */
export interface LeakyReluOptions {
  /** Slope below 0, above 0 itself. Default 0.2. */
  alpha?: number;
  /** Limit of the result on both sides. Default Infinity. */
  clamp?: number;
}

/**
 * Leaky ReLU of slope `alpha` below 0, then clipped to ±clamp. Any shape; differentiable.
 *
 * At 0 the slope is `alpha`, as in PyTorch; no gradient flows back from values at or beyond the clamp.
 */
export function leakyRelu<T extends tf.Tensor>(
  x: T,
  { alpha = 0.2, clamp = Number.POSITIVE_INFINITY }: LeakyReluOptions = {},
): T {
  return customOp<T>([x], () => {
    const y = fusedKernel('faceanim/LeakyRelu', { x }, { alpha, clamp }, () =>
      plainLeakyRelu(x, alpha, clamp),
    );
    // The value has the sign of x, so that x need not be kept.
    return {
      value: y,
      saved: [y],
      backward: (dy, [y]) => leakyReluGradient(dy, y!, { alpha, clamp }),
    };
  });
}

/** As PReLU of equal slopes, the fastest form on WASM: half the time of a product with a mask. */
export function plainLeakyRelu<T extends tf.Tensor>(x: T, alpha: number, clamp: number): T {
  const y = tf.prelu(x, tf.fill([x.shape.at(-1) ?? 1], alpha)) as T;
  return Number.isFinite(clamp) ? tf.clipByValue(y, -clamp, clamp) : y;
}

/** What flows back through {@link leakyRelu} of result y. Any shape. Without a gradient. */
export function leakyReluGradient<T extends tf.Tensor>(
  dy: T,
  y: tf.Tensor,
  { alpha, clamp }: Required<LeakyReluOptions>,
): T {
  return fusedKernel('faceanim/LeakyReluGradient', { dy, y }, { alpha, clamp }, () => {
    const gradient = tf.mul(dy, tf.step(y, alpha)) as T;
    return Number.isFinite(clamp) ? tf.mul(gradient, insideClamp(y, clamp)) : gradient;
  });
}

/** Clips to ±limit; no gradient flows back from values at or beyond the limit. Any shape. */
export function clampSymmetric<T extends tf.Tensor>(x: T, limit: number): T {
  return customOp<T>([x], () => {
    const value = tf.clipByValue(x, -limit, limit);
    return { value, saved: [value], backward: (dy, [value]) => tf.mul(dy, insideClamp(value!, limit)) };
  });
}

function insideClamp(value: tf.Tensor, limit: number): tf.Tensor {
  return tf.step(tf.sub(limit, tf.abs(value)));
}

/** What flows back through a ReLU of result y: dy where y is above 0, else 0. Any shape. Without a gradient. */
export function reluGradient<T extends tf.Tensor>(dy: T, y: tf.Tensor): T {
  return fusedKernel('faceanim/ReluGradient', { dy, y }, {}, () => tf.mul(dy, tf.step(y)));
}

/**
 * relu(x * scale + shift) with constant scale and shift `[C]`, e.g. a batch norm of known statistics; x
 * `[..., C]`; differentiable in x.
 */
export function affineRelu<T extends tf.Tensor>(x: T, scale: tf.Tensor1D, shift: tf.Tensor1D): T {
  return customOp<T>([x], () => {
    const y = fusedKernel('faceanim/AffineRelu', { x, scale, shift }, {}, () =>
      tf.relu(tf.add(tf.mul(x, scale), shift)),
    ) as T;
    return { value: y, saved: [y], backward: (dy, [y]) => affineReluGradient(dy, y!, scale) };
  });
}

/** What is added to the result of {@link affineReluGradient}: channels `start …` of `image`. */
export interface AddedChannels {
  readonly image: tf.Tensor4D;
  /** Default 0. */
  readonly start?: number;
}

/**
 * What flows back through {@link affineRelu} of result y `[..., C]`, plus, if given, what flows back by another way.
 * Without a gradient.
 */
export function affineReluGradient<T extends tf.Tensor>(
  dy: T,
  y: tf.Tensor,
  scale: tf.Tensor1D,
  added?: AddedChannels,
): T {
  const plain = () => tf.mul(tf.mul(dy, scale), tf.step(y)) as T;
  if (!added) return fusedKernel('faceanim/AffineReluGradient', { dy, y, scale }, {}, plain);
  const { image, start = 0 } = added;
  const width = y.shape.at(-1)!;
  return fusedKernel('faceanim/AffineReluGradient', { dy, y, scale, rest: image }, { start }, () =>
    tf.add(plain(), width === image.shape[3] ? image : sliceChannels(image, start, width)),
  );
}
