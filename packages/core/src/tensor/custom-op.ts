import * as tf from '@tensorflow/tfjs-core';

/** The result of an operation and how gradients flow back through it. */
export interface CustomOp<T extends tf.Tensor> {
  value: T;
  /** Tensors that `backward` needs, kept until it has run. */
  saved?: tf.Tensor[];
  /** From the gradient of the value and `saved` to the gradients of the inputs, in their order. */
  backward: (dy: T, saved: tf.Tensor[]) => tf.Tensor | tf.Tensor[];
}

/** Runs `op`, which computes with `inputs`, as one operation with a gradient of its own: `tf.customGrad`, typed. */
export function customOp<T extends tf.Tensor>(inputs: tf.Tensor[], op: () => CustomOp<T>): T {
  const forward = (...args: unknown[]) => {
    const { value, saved = [], backward } = op();
    (args.at(-1) as tf.GradSaveFunc)(saved);
    return { value, gradFunc: (dy: T, kept: tf.Tensor[]) => tf.tidy(() => backward(dy, kept)) };
  };
  return tf.customGrad(forward as Parameters<typeof tf.customGrad<T>>[0])(...inputs);
}
