import { type Arithmetic, pointwise, rowOf } from '@faceanim/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { bfgs, curvature } from './bfgs';

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
export const isKnown = <T>(math: Arithmetic<T>, value: T) =>
  math.less(value, math.constant(unknownValue / 2));

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
 * evaluated points are accepted as the best so far, 1 or 0, the new state, and the points to evaluate next. Points whose value
 * or gradient is not finite, or above 1e30, are rejected and only shrink the radius.
 */
export function trustRegionStep(
  { points, value, gradient, coupled }: EvaluatedPoints,
  before: TrustRegionState,
  maxRadius: number,
): { next: tf.Tensor; accepted: tf.Tensor; state: TrustRegionState } {
  const [batch, n] = points.shape as [number, number];
  const vectors = (x: tf.Tensor) => tf.reshape(x, [batch, 1, n]) as tf.Tensor3D;
  const numbers = (x: tf.Tensor) => tf.reshape(x, [batch, -1, 1]) as tf.Tensor3D;
  const inverse = before.inverse as tf.Tensor3D;

  // Rows of vectors: the step, the change of the gradient, the gradient.
  const moved = pointwise(
    'trustRegionMoved',
    {
      ...{ point: vectors(points), anchor: vectors(before.anchor) },
      ...{ gradient: vectors(gradient), slope: vectors(before.slope) },
    },
    (math, x) => [math.sub(x.point, x.anchor), math.sub(x.gradient, x.slope), x.gradient],
  );
  const times = tf.matMul<tf.Tensor3D>(moved, inverse);
  const dots = numbers(tf.matMul(moved, moved, false, true));
  const dotsTimes = numbers(tf.matMul(moved, times, false, true));

  const judged = judge(
    { value: numbers(value), dots, dotsTimes },
    { value: numbers(before.value), predicted: numbers(before.predicted), radius: numbers(before.radius) },
    { coupled, maxRadius },
  );
  const accepted = rowOf(judged, 0);
  const select = (after: tf.Tensor, old: tf.Tensor) =>
    pointwise('trustRegionAccept', { accepted, after: vectors(after), old: vectors(old) }, (math, x) => [
      math.where(math.less(math.constant(0.5), x.accepted), x.after, x.old),
    ]);
  const anchor = select(points, before.anchor);
  const slope = select(gradient, before.slope);
  const nextInverse = bfgs(inverse, {
    ...{ steps: moved, products: times, along: rowOf(judged, 3), rho: rowOf(judged, 4) },
  });

  // The full step is minus this.
  const direction = tf.matMul<tf.Tensor3D>(slope, nextInverse);
  const square = numbers(tf.matMul(direction, direction, false, true));
  const descent = numbers(tf.matMul(direction, slope, false, true));
  const radius = rowOf(judged, 2);
  const next = pointwise('trustRegionNext', { anchor, direction, square, radius }, (math, x) => [
    math.sub(x.anchor, math.mul(x.direction, shareOf(math, x))),
  ]);
  // In the model f + g·p + p·Bp/2, Bp = -g for the full step p.
  const predicted = pointwise('trustRegionPredicted', { square, descent, radius }, (math, x) => {
    const share = shareOf(math, x);
    const half = math.constant(0.5);
    return [math.mul(x.descent, math.sub(share, math.mul(math.mul(share, share), half)))];
  });
  const part = (k: number) => tf.reshape(tf.slice(judged, [0, k, 0], [batch, 1, 1]), [batch, 1]);
  const flat = (x: tf.Tensor) => tf.reshape(x, [batch, n]);
  return {
    next: flat(next),
    accepted: part(0),
    state: {
      ...{ anchor: flat(anchor), slope: flat(slope), inverse: nextInverse },
      ...{ value: part(1), radius: part(2), predicted: tf.reshape(predicted, [batch, 1]) },
    },
  };
}

/** Share of the full step that the trust radius allows. */
function shareOf<T>(math: Arithmetic<T>, { square, radius }: { square: T; radius: T }): T {
  const length = math.add(math.sqrt(square), math.constant(1e-12));
  return math.minimum(math.div(radius, length), math.constant(1));
}

/** Dot products of the rows of `moved` with each other, or with their products with the inverse Hessian. */
const pairs = { stepStep: 0, stepChange: 1, changeChange: 4, gradientGradient: 8 } as const;

/**
 * Judges the evaluated points, `[batch, 5, 1]`: 1 for an accepted point, else 0; the value of the best point; the trust
 * radius; and the two numbers that {@link bfgs} needs.
 */
function judge(
  { value, dots, dotsTimes }: Readonly<Record<'value' | 'dots' | 'dotsTimes', tf.Tensor3D>>,
  before: Readonly<Record<'value' | 'predicted' | 'radius', tf.Tensor3D>>,
  { coupled, maxRadius }: { coupled: boolean; maxRadius: number },
): tf.Tensor3D {
  const own = pointwise(
    'trustRegionOwn',
    { value, before: before.value, predicted: before.predicted, square: rowOf(dots, pairs.gradientGradient) },
    (math, x) => {
      const finite = math.and(isMeasurable(math, x.value), isMeasurable(math, x.square));
      return [math.not(finite), x.value, x.before, x.predicted];
    },
  );
  const shared = coupled ? tf.tile(tf.sum<tf.Tensor3D>(own, 0, true), [value.shape[0], 1, 1]) : own;
  return pointwise(
    'trustRegionJudge',
    {
      ...{ value: rowOf(own, 1), before: rowOf(own, 2), radius: before.radius, maxRadius },
      ...{ failures: rowOf(shared, 0), sum: rowOf(shared, 1) },
      ...{ sumBefore: rowOf(shared, 2), predicted: rowOf(shared, 3) },
      ...{ stepStep: rowOf(dots, pairs.stepStep), stepChange: rowOf(dots, pairs.stepChange) },
      changeChange: rowOf(dots, pairs.changeChange),
      changeTimesChange: rowOf(dotsTimes, pairs.changeChange),
    },
    (math, x) => {
      const usable = math.less(x.failures, math.constant(0.5));
      const known = isKnown(math, x.before);
      const gain = math.sub(x.sumBefore, x.sum);
      const accepted = math.and(usable, math.less(x.sum, x.sumBefore));
      const changed = nextRadius(math, { ...x, length: math.sqrt(x.stepStep), gain, usable });
      const radius = math.where(
        math.or(known, math.not(usable)),
        math.minimum(changed, x.maxRadius),
        x.radius,
      );
      return [
        accepted,
        math.where(accepted, x.value, x.before),
        radius,
        // At the first evaluation there is nothing to compare with.
        ...curvature(math, { ...x, comparable: math.and(usable, known) }),
      ];
    },
  );
}

/** Whether a value can be compared. Also false for NaN: the rest is selected with `where`, since NaN times 0 is NaN. */
const isMeasurable = <T>(math: Arithmetic<T>, value: T) =>
  math.and(math.isFinite(value), math.less(math.abs(value), math.constant(unknownValue)));

/**
 * The trust radius after a step: half the step length if less than a quarter of the predicted decrease was achieved, or the
 * point was not usable; larger if the step was limited by the radius and achieved most of it.
 */
function nextRadius<T>(
  math: Arithmetic<T>,
  {
    length,
    gain,
    predicted,
    radius,
    usable,
  }: Record<'length' | 'gain' | 'predicted' | 'radius' | 'usable', T>,
): T {
  const times = (x: T, factor: number) => math.mul(x, math.constant(factor));
  const fair = math.and(usable, math.not(math.less(gain, times(predicted, 0.25))));
  const limited = math.less(times(radius, 0.99), length);
  const good = math.and(limited, math.less(times(predicted, 0.6), gain));
  const grown = math.where(good, times(radius, 1.5), radius);
  return math.where(fair, grown, math.maximum(times(length, 0.5), math.constant(1e-3)));
}
