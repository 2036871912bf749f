import type * as tf from '@tensorflow/tfjs-core';
import { customOp } from './custom-op';
import { valueAndGradients } from './value-and-gradients';

/**
 * Computes `f(...inputs)` without keeping what its gradient needs: the way back computes it once more, from the inputs
 * (gradient checkpointing, Chen et al. 2016, arXiv 1604.06174). Takes the time of one more forward pass and saves the
 * memory of everything inside `f`.
 *
 * @param f the same at every call; whatever is to have a gradient or is drawn at random must be one of its inputs
 */
export function recompute<T extends tf.Tensor>(
  f: (...inputs: tf.Tensor[]) => T,
  inputs: readonly tf.Tensor[],
): T {
  return customOp<T>([...inputs], () => ({
    value: f(...inputs),
    saved: [...inputs],
    backward: (dy, saved) => valueAndGradients(f, saved, dy).gradients,
  }));
}
