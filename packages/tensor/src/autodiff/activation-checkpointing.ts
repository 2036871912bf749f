import type * as tf from '@tensorflow/tfjs-core';
import { customOp } from './custom-op';
import { valueAndGradients } from './value-and-gradients';

/**
 * Computes `f(...inputs)` with activation checkpointing: no intermediate activation is kept, and the backward pass
 * computes them again from the inputs (Chen et al. 2016, arXiv 1604.06174). Costs one more forward pass of `f` and saves
 * the memory of everything inside it.
 *
 * @param f must compute the same each time; whatever needs a gradient or is random must be among its inputs
 */
export function checkpointed<T extends tf.Tensor>(
  f: (...inputs: tf.Tensor[]) => T,
  inputs: readonly tf.Tensor[],
): T {
  return customOp<T>([...inputs], () => ({
    value: f(...inputs),
    saved: [...inputs],
    backward: (dy, saved) => valueAndGradients(f, saved, dy).gradients,
  }));
}
