import { recompute } from '@faceanim/tensor';
import { accepting } from '@faceanim/tensor/options';
import * as tf from '@tensorflow/tfjs-core';

/** A layer of a network as a function of tensors. */
export type TensorLayer<Inputs extends tf.Tensor[]> = (...inputs: Inputs) => tf.Tensor4D;

/**
 * Frees what a layer makes at its end: all but what its gradient needs, or all, where the way back is to compute it
 * `again`.
 */
export function frugal<Inputs extends tf.Tensor[]>(
  layer: TensorLayer<Inputs>,
  again: boolean,
): TensorLayer<Inputs> {
  return again
    ? (...inputs) => recompute(layer as TensorLayer<tf.Tensor[]>, inputs)
    : (...inputs) => tf.tidy(() => layer(...inputs));
}

/** Which of the layers of a generator are computed again on the way back, an option of all generators. */
export interface RecomputeOption {
  /**
   * Side in pixels from which on layers are computed again on the way back, which saves the memory of their inner
   * activations and costs one more forward pass of them. Default none.
   */
  recomputeFrom?: number;
}

/** Takes a side in pixels; infinity is none. */
export const sideCheck = accepting(
  'a number of pixels from 0',
  (value) => typeof value === 'number' && value >= 0,
);
