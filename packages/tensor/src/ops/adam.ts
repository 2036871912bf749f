import * as tf from '@tensorflow/tfjs-core';
import { fusedKernel } from './fused-kernel';

/** Updates a moment of Adam: moment · beta + (1 - beta) · gradient, or gradient² if `squared`. Any shape. */
export function adamMoment<T extends tf.Tensor>(
  moment: T,
  gradient: tf.Tensor,
  beta: number,
  squared: boolean,
): T {
  return fusedKernel('faceanim/AdamMoment', { moment, gradient }, { beta, squared }, () =>
    tf.add(tf.mul(moment, beta), tf.mul(squared ? tf.square(gradient) : gradient, 1 - beta)),
  );
}

/** Inputs of {@link adamStep}. */
export interface AdamStepOptions {
  /** Updated first moment. */
  m: tf.Tensor;
  /** Updated second moment. */
  v: tf.Tensor;
  /** Scalar: the learning rate divided by the bias correction of the first moment. */
  size: tf.Tensor;
  /** Scalar: square root of the inverse bias correction of the second moment. */
  root: tf.Tensor;
  /** Added to the denominator. */
  epsilon: number;
}

/** Takes a step of Adam: param - m · size / (√v · root + epsilon). Any shape. */
export function adamStep<T extends tf.Tensor>(param: T, { m, v, size, root, epsilon }: AdamStepOptions): T {
  return fusedKernel('faceanim/AdamStep', { param, m, v, size, root }, { epsilon }, () =>
    tf.sub(param, tf.div(tf.mul(m, size), tf.add(tf.mul(tf.sqrt(v), root), epsilon))),
  );
}
