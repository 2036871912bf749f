import { checkpointed } from '@faceanim/tensor';
import { accepting } from '@faceanim/tensor/options';
import * as tf from '@tensorflow/tfjs-core';

/** A layer of a network as a function of tensors. */
export type TensorLayer<Inputs extends tf.Tensor[]> = (...inputs: Inputs) => tf.Tensor4D;

/**
 * Frees the intermediate tensors of a layer when it returns: all but those its gradient needs or, with checkpointing, all
 * of them, to be recomputed in the backward pass.
 */
export function tidyLayer<Inputs extends tf.Tensor[]>(
  layer: TensorLayer<Inputs>,
  checkpointing: boolean,
): TensorLayer<Inputs> {
  return checkpointing
    ? (...inputs) => checkpointed(layer as TensorLayer<tf.Tensor[]>, inputs)
    : (...inputs) => tf.tidy(() => layer(...inputs));
}

/** Whether the option `checkpointing` covers a layer whose images have this side in pixels. */
export function coversSide(checkpointing: boolean | number | undefined, side: number): boolean {
  return typeof checkpointing === 'number' ? side >= checkpointing : checkpointing === true;
}

/** Accepts what the option `checkpointing` may be. */
export const checkpointingCheck = accepting(
  'true, false or a number of pixels from 0',
  (value) => typeof value === 'boolean' || (typeof value === 'number' && value >= 0),
);
