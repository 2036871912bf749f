import { addPrefix, FaceanimError, type StepFunction, takePrefix } from '@faceanim/tensor';
import * as tf from '@tensorflow/tfjs-core';
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
      // Nothing is known of them: a start without finite losses shows as one that has none.
      losses: tf.fill([objective.names.length + 1, batch], Number.NaN),
      ...addPrefix('qn/', quasiNewton().init(points, curvature && tf.tensor2d(curvature, [n, n]))),
    };
  });
}

/**
 * One step as a function of tensors alone: losses and gradients at `coordinates`, then the coordinates to ask next.
 * `losses` are those of the best coordinates so far, their total with the weights of this step.
 */
export function quasiNewtonStep({ objective }: LatentStepOptions, { active }: StepSchedule): StepFunction {
  const optimizer = quasiNewton();
  return ({ coordinates, losses: before, weights, ...inputs }) => {
    const { losses, gradient, coupled } = objective.evaluate(coordinates!, {
      weights: weights as tf.Tensor2D,
      active,
      frame: takePrefix('frame/', inputs),
    });
    const [batch, layers, dimensions] = coordinates!.shape as [number, number, number];
    const flat = (x: tf.Tensor) => tf.reshape(x, [batch, layers * dimensions]);
    const terms = losses.shape[0] - 1;
    // The best coordinates are held against the new ones by the same weights, which a schedule may have moved.
    const kept = tf.slice(before!, [0, 0], [terms, batch]) as tf.Tensor2D;
    const best = tf.concat([kept, tf.matMul<tf.Tensor2D>(weights as tf.Tensor2D, kept, true)]);
    const totalOf = (x: tf.Tensor) => tf.reshape(tf.slice(x, [terms, 0]), [batch, 1]);
    const state = optimizer.revalued(takePrefix('qn/', inputs) as QuasiNewtonState, totalOf(best));
    const next = optimizer.update(flat(coordinates!), totalOf(losses), flat(gradient), state, {
      together: coupled,
    });
    return {
      coordinates: tf.reshape(next.points, [batch, layers, dimensions]),
      losses: tf.where(tf.reshape(next.accepted, [1, batch]), losses, best),
      gradient,
      ...addPrefix('qn/', next.state),
    };
  };
}

/**
 * Whether the weights have jumped, so that value and slope at the best coordinates say nothing any more: a term has come or
 * gone, or a weight has more than doubled or halved, from one step to the next. Smaller changes are followed.
 */
export function haveJumped(weights: Float32Array, before: Float32Array): boolean {
  return weights.some((now, i) => {
    const then = before[i]!;
    return (now === 0) !== (then === 0) || now > 2 * then || now < then / 2;
  });
}

/**
 * Refuses coordinates for whose inverse Hessian there is no room, kept as it is with the first frames of a run.
 *
 * @param n coordinates of a frame.
 * @throws {FaceanimError} `invalid-option` if the matrices of a batch take more than 32 MiB.
 */
export function checkMatrixSize(n: number, batch: number): void {
  const bytes = 4 * batch * n ** 2;
  if (bytes <= 2 ** 25) return;
  const [size, frames] = [Math.round(bytes / 1e6), batch > 1 ? ` and windows of ${batch} frames` : ''];
  throw new FaceanimError(
    'invalid-option',
    `optimizer: 'quasi-newton' keeps a matrix of all pairs of coordinates: ${size} MB for ${n} coordinates${frames}.`,
    { hint: `Use optimizer: 'adam', or space: 'whitened-w'${batch > 1 ? ', or a smaller window' : ''}.` },
  );
}

/** What to write where the objective has changed: values before are not to be compared with. The caller disposes it. */
export function restarted([batch, layers, dimensions]: readonly number[]): tf.NamedTensorMap {
  return addPrefix('qn/', quasiNewton().restart(batch!, layers! * dimensions!));
}
