import * as tf from '@tensorflow/tfjs-core';
import { fusedKernel } from './fused-kernel';

/** A moment of Adam after a gradient: moment · beta + gradient · (1 - beta), of its square if asked for. Any shape. */
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

/** What {@link adamStep} goes by. */
export interface AdamStepOptions {
  /** First moment after the gradient. */
  m: tf.Tensor;
  /** Second moment after the gradient. */
  v: tf.Tensor;
  /** Scalar: learning rate over the bias of the first moment. */
  size: tf.Tensor;
  /** Scalar: root of the inverse bias of the second moment. */
  root: tf.Tensor;
  epsilon: number;
}

/** A parameter after a step of Adam: param - m · size / (√v · root + epsilon). Any shape. */
export function adamStep<T extends tf.Tensor>(param: T, { m, v, size, root, epsilon }: AdamStepOptions): T {
  return fusedKernel('faceanim/AdamStep', { param, m, v, size, root }, { epsilon }, () =>
    tf.sub(param, tf.div(tf.mul(m, size), tf.add(tf.mul(tf.sqrt(v), root), epsilon))),
  );
}
