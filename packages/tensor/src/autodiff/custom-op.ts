import * as tf from '@tensorflow/tfjs-core';
import { type Arrived, arrivedWith } from './tape';

export type { Arrived };

/** The result of an operation and how gradients flow back through it. */
export interface CustomOp<T extends tf.Tensor> {
  value: T;
  /** Tensors that `backward` needs, kept until it has run. */
  saved?: tf.Tensor[];
  /**
   * From the gradient of the value and `saved` to the gradients of the inputs, in their order. An operation that can add
   * another gradient while it computes its own asks `arrived` for it.
   */
  backward: (dy: T, saved: tf.Tensor[], arrived: Arrived) => tf.Tensor | tf.Tensor[];
}

/** Runs `op`, which computes with `inputs`, as one operation with a gradient of its own: `tf.customGrad`, typed. */
export function customOp<T extends tf.Tensor>(inputs: tf.Tensor[], op: () => CustomOp<T>): T {
  const forward = (...args: unknown[]) => {
    const { value, saved = [], backward } = op();
    (args.at(-1) as tf.GradSaveFunc)(saved);
    const gradFunc = (dy: T, kept: tf.Tensor[]) => tf.tidy(() => backward(dy, kept, arrivedWith(dy)));
    return { value, gradFunc };
  };
  return tf.customGrad(forward as Parameters<typeof tf.customGrad<T>>[0])(...inputs);
}
