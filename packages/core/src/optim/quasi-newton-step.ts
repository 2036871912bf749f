import * as tf from '@tensorflow/tfjs-core';
import type { StepFunction } from '../contracts/step-program';
import { addPrefix, takePrefix } from '../tensor/named-tensors';
import type { LatentStepOptions, StepSchedule } from './latent-step';
import { type QuasiNewtonState, quasiNewton } from './quasi-newton';

/** Names that the state of {@link quasiNewton} has among the tensors of a step; see {@link quasiNewtonTensors}. */
export const quasiNewtonNames = {
  /** The best coordinates so far, `[batch, n]`. */
  best: 'qn/anchor',
  /** Inverse Hessian, `[batch, n, n]`. */
  curvature: 'qn/inverse',
} as const;

/**
 * The tensors that quasi-Newton steps start from, for the caller to dispose: `coordinates` `[batch, layers, dimensions]`
 * to evaluate, `losses` of the best coordinates, and the optimizer's.
 *
 * @param curvature the inverse Hessian of a frame before, `[n, n]`. Default: nothing is known.
 */
export function quasiNewtonTensors(
  { objective }: LatentStepOptions,
  start: Float32Array,
  shape: readonly number[],
  curvature?: Float32Array,
): tf.NamedTensorMap {
  return tf.tidy(() => {
    const [batch, layers, dimensions] = shape as [number, number, number];
    const n = layers * dimensions;
    const points = tf.tensor2d(start, [batch, n]);
    return {
      coordinates: tf.reshape(points, [batch, layers, dimensions]),
      losses: tf.zeros([objective.names.length + 1, batch]),
      ...addPrefix('qn/', quasiNewton().init(points, curvature && tf.tensor2d(curvature, [n, n]))),
    };
  });
}

/**
 * One step as a function of tensors alone: losses and gradients at `coordinates`, then the coordinates to ask next.
 * `losses` are those of the best coordinates so far.
 */
export function quasiNewtonStep({ objective }: LatentStepOptions, { active }: StepSchedule): StepFunction {
  const optimizer = quasiNewton();
  return ({ coordinates, losses: before, weights, ...inputs }) => {
    const { losses, gradient } = objective.evaluate(coordinates!, {
      weights: weights as tf.Tensor2D,
      active,
      frame: takePrefix('frame/', inputs),
    });
    const [batch, layers, dimensions] = coordinates!.shape as [number, number, number];
    const flat = (x: tf.Tensor) => tf.reshape(x, [batch, layers * dimensions]);
    const value = tf.reshape(tf.slice(losses, [losses.shape[0] - 1, 0]), [batch, 1]);
    const state = takePrefix('qn/', inputs) as QuasiNewtonState;
    const next = optimizer.update(flat(coordinates!), value, flat(gradient), state);
    const better = tf.reshape(tf.cast(tf.less(value, state.value), 'float32'), [1, batch]);
    return {
      coordinates: tf.reshape(next.points, [batch, layers, dimensions]),
      losses: tf.add(tf.mul(before!, tf.sub(1, better)), tf.mul(losses, better)),
      gradient,
      ...addPrefix('qn/', next.state),
    };
  };
}

/** What to write where the objective has changed: values before are not to be compared with. The caller disposes it. */
export function restarted([batch, layers, dimensions]: readonly number[]): tf.NamedTensorMap {
  return addPrefix('qn/', quasiNewton().restart(batch!, layers! * dimensions!));
}
