import * as tf from '@tensorflow/tfjs-core';
import { bfgs, dot, norm, times } from './bfgs';

/** State of the trust-region method, for a batch of points with n coordinates. */
export interface TrustRegionState {
  /** Best point so far, `[batch, n]`. */
  readonly anchor: tf.Tensor;
  /** Gradient at the best point, `[batch, n]`. */
  readonly slope: tf.Tensor;
  /** Value at the best point, `[batch, 1]`; 1e30 before the first evaluation. */
  readonly value: tf.Tensor;
  /** Decrease that the quadratic model predicts for the next point, `[batch, 1]`. */
  readonly predicted: tf.Tensor;
  /** Trust radius, `[batch, 1]`. */
  readonly radius: tf.Tensor;
  /** Inverse Hessian, `[batch, n, n]`. */
  readonly inverse: tf.Tensor;
}

/** The value before the first evaluation: any point is better. */
export const unknownValue = 1e30;

/** Whether a point was evaluated. */
export const isKnown = (value: tf.Tensor) => tf.less(value, unknownValue / 2);

/** An evaluation of a batch of points. */
export interface EvaluatedPoints {
  /** `[batch, n]`. */
  readonly points: tf.Tensor;
  /** `[batch, 1]`. */
  readonly value: tf.Tensor;
  /** `[batch, n]`. */
  readonly gradient: tf.Tensor;
  /**
   * Whether the value of a point depends on other points of the batch. They are then accepted or rejected together, by the sum
   * of their values.
   */
  readonly coupled: boolean;
}

/**
 * A trust-region step with the BFGS model (Nocedal and Wright, Numerical Optimization, chapters 4 and 6). Returns which of the
 * evaluated points are accepted as the best so far, the new state, and the points to evaluate next. Points whose value or
 * gradient is not finite, or above 1e30, are rejected and only shrink the radius.
 */
export function trustRegionStep(
  { points, value, gradient, coupled }: EvaluatedPoints,
  before: TrustRegionState,
  maxRadius: number,
): { next: tf.Tensor; accepted: tf.Tensor; state: TrustRegionState } {
  const batch = points.shape[0]!;
  const shared = (x: tf.Tensor) => (coupled ? tf.tile(tf.sum(x, 0, true), [batch, 1]) : x);
  // Also false for NaN. Everything below selects with tf.where, since NaN times a mask is NaN.
  const finite = tf.logicalAnd(
    tf.less(tf.abs(value), unknownValue),
    tf.less(dot(gradient, gradient), unknownValue),
  );
  const usable = tf.less(shared(tf.sub(1, tf.cast(finite, 'float32'))), 0.5);
  const known = isKnown(before.value);
  const found = tf.where(usable, value, before.value);
  const step = tf.sub(points, before.anchor);
  // At the first evaluation there is nothing to compare with.
  const change = tf.where(
    tf.logicalAnd(usable, known),
    tf.sub(gradient, before.slope),
    tf.zerosLike(gradient),
  );
  const inverse = bfgs(before.inverse, step, change);
  const accepted = tf.logicalAnd(usable, tf.less(shared(found), shared(before.value)));
  const anchor = tf.where(accepted, points, before.anchor);
  const slope = tf.where(accepted, gradient, before.slope);
  const gain = tf.sub(shared(before.value), shared(found));
  const changed = nextRadius(norm(step), gain, shared(before.predicted), before.radius, usable);
  const judged = tf.logicalOr(known, tf.logicalNot(usable));
  const radius = tf.where(judged, tf.minimum(changed, maxRadius), before.radius);

  const direction = tf.neg(times(inverse, slope));
  const share = tf.minimum(tf.div(radius, tf.add(norm(direction), 1e-12)), 1);
  // In the model f + g·p + p·Bp/2, Bp = -g for the full step p.
  const descent = tf.neg(dot(direction, slope));
  const predicted = tf.mul(descent, tf.sub(share, tf.mul(tf.square(share), 0.5)));
  return {
    next: tf.add(anchor, tf.mul(direction, share)),
    accepted,
    state: { anchor, slope, value: tf.where(accepted, found, before.value), predicted, radius, inverse },
  };
}

/**
 * The trust radius after a step: half the step length if less than a quarter of the predicted decrease was achieved, or the
 * point was not usable; larger if the step was limited by the radius and achieved most of it.
 */
function nextRadius(
  length: tf.Tensor,
  gain: tf.Tensor,
  predicted: tf.Tensor,
  radius: tf.Tensor,
  usable: tf.Tensor,
): tf.Tensor {
  const fair = tf.logicalAnd(usable, tf.greaterEqual(gain, tf.mul(predicted, 0.25)));
  const limited = tf.greater(length, tf.mul(radius, 0.99));
  const good = tf.logicalAnd(limited, tf.greater(gain, tf.mul(predicted, 0.6)));
  const grown = tf.where(good, tf.mul(radius, 1.5), radius);
  return tf.where(fair, grown, tf.maximum(tf.mul(length, 0.5), 1e-3));
}
