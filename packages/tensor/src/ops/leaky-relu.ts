import * as tf from '@tensorflow/tfjs-core';
import { customOp } from '../autodiff/custom-op';
import { insideClamp } from './clamp';
import { fusedKernel } from './fused-kernel';

/** Options of {@link leakyRelu}. */
export interface LeakyReluOptions {
  /** Slope below 0. Default 0.2. */
  alpha?: number;
  /** The result is clipped to ±clamp. Default Infinity. */
  clamp?: number;
}

/**
 * Leaky ReLU with slope `alpha` below 0, clipped to ±clamp. Any shape; differentiable.
 *
 * The slope at 0 is `alpha`, as in PyTorch. The gradient is 0 at and beyond the clamp.
 */
export function leakyRelu<T extends tf.Tensor>(
  x: T,
  { alpha = 0.2, clamp = Number.POSITIVE_INFINITY }: LeakyReluOptions = {},
): T {
  return customOp<T>([x], () => {
    const y = fusedKernel('faceanim/LeakyRelu', { x }, { alpha, clamp }, () =>
      plainLeakyRelu(x, alpha, clamp),
    );
    return {
      value: y,
      // The result has the sign of x, so x need not be kept.
      saved: [y],
      backward: (dy, [y]) => leakyReluGradient(dy, y!, { alpha, clamp }),
    };
  });
}

/** Computed as a PReLU with equal slopes: half the time of multiplying by a mask on WASM. */
export function plainLeakyRelu<T extends tf.Tensor>(x: T, alpha: number, clamp: number): T {
  const y = tf.prelu(x, tf.fill([x.shape.at(-1) ?? 1], alpha)) as T;
  return Number.isFinite(clamp) ? tf.clipByValue(y, -clamp, clamp) : y;
}

/** Backward pass of {@link leakyRelu} from its result y. Any shape. Not differentiable. */
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
