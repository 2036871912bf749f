import * as tf from '@tensorflow/tfjs-core';
import { type TakeAccumulated, takeAccumulatedFor } from './tape';

export type { TakeAccumulated };

/** The value of an operation and its backward pass. */
export interface CustomOp<T extends tf.Tensor> {
  value: T;
  /** Tensors that `backward` needs, kept until it has run. */
  saved?: tf.Tensor[];
  /**
   * Maps the upstream gradient to the gradients in the inputs, in their order (the vector-Jacobian product). An operation
   * that can add another gradient to its own for free calls `takeAccumulated`.
   */
  backward: (dy: T, saved: tf.Tensor[], takeAccumulated: TakeAccumulated) => tf.Tensor | tf.Tensor[];
}

/** Runs `op`, a function of `inputs`, as one operation with a custom gradient: a typed `tf.customGrad`. */
export function customOp<T extends tf.Tensor>(inputs: tf.Tensor[], op: () => CustomOp<T>): T {
  const forward = (...args: unknown[]) => {
    const { value, saved = [], backward } = op();
    (args.at(-1) as tf.GradSaveFunc)(saved);
    const gradFunc = (dy: T, kept: tf.Tensor[]) => tf.tidy(() => backward(dy, kept, takeAccumulatedFor(dy)));
    return { value, gradFunc };
  };
  return tf.customGrad(forward as Parameters<typeof tf.customGrad<T>>[0])(...inputs);
}
