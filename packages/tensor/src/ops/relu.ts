import * as tf from '@tensorflow/tfjs-core';
import { customOp } from '../autodiff/custom-op';
import { sliceChannels } from './concat-channels';
import { fusedKernel } from './fused-kernel';

/** Backward pass of a ReLU from its result y: dy where y > 0, else 0. Any shape. Not differentiable. */
export function reluGradient<T extends tf.Tensor>(dy: T, y: tf.Tensor): T {
  return fusedKernel('faceanim/ReluGradient', { dy, y }, {}, () => tf.mul(dy, tf.step(y)));
}

/**
 * relu(x · scale + shift) with constant scale and shift `[C]`, e.g. a batch norm with fixed statistics before a ReLU.
 * x is `[..., C]`. Differentiable in x.
 */
export function affineRelu<T extends tf.Tensor>(x: T, scale: tf.Tensor1D, shift: tf.Tensor1D): T {
  return customOp<T>([x], () => {
    const y = fusedKernel('faceanim/AffineRelu', { x, scale, shift }, {}, () =>
      tf.relu(tf.add(tf.mul(x, scale), shift)),
    ) as T;
    return { value: y, saved: [y], backward: (dy, [y]) => affineReluGradient(dy, y!, scale) };
  });
}

/** Channels of an image that {@link affineReluGradient} adds to its result. */
export interface AddedChannels {
  readonly image: tf.Tensor4D;
  /** First channel to add. Default 0. */
  readonly start?: number;
}

/**
 * Backward pass of {@link affineRelu} from its result y `[..., C]`, plus the gradient that arrives along a skip
 * connection, if one is given. Not differentiable.
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
  return fusedKernel('faceanim/AffineReluGradient', { dy, y, scale, addend: image }, { start }, () =>
    tf.add(plain(), width === image.shape[3] ? image : sliceChannels(image, start, width)),
  );
}
