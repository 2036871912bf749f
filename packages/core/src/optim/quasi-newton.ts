import * as tf from '@tensorflow/tfjs-core';

/** Options of {@link quasiNewton}. */
export interface QuasiNewtonOptions {
  /** Root mean square over the coordinates that the first step may have at most. Default 0.125. */
  radius?: number;
  /** The same for any step. Default 0.25. */
  maxRadius?: number;
  /** The inverse Hessian before anything is known is this times the identity. Default 5. */
  scale?: number;
}

/** State of {@link quasiNewton} for a batch of points with n coordinates each: plain tensors. */
export interface QuasiNewtonState extends tf.NamedTensorMap {
  /** The best point so far, `[batch, n]`. */
  anchor: tf.Tensor;
  /** Gradient there, `[batch, n]`. */
  slope: tf.Tensor;
  /** Value there, `[batch, 1]`; 1e30 before the first evaluation. */
  value: tf.Tensor;
  /** Decrease that the quadratic model predicts for the point that is asked next, `[batch, 1]`. */
  promise: tf.Tensor;
  /** Largest length of a step, `[batch, 1]`. */
  radius: tf.Tensor;
  /** Inverse Hessian, `[batch, n, n]`. */
  inverse: tf.Tensor;
}

/** Stands for the value of a point that was not evaluated: any point is better. */
const unknownValue = 1e30;

/** A pure optimizer that asks a function for values and gradients, and goes nowhere where the value is higher. */
export interface QuasiNewton {
  /** The state before the first evaluation at `points`, `[batch, n]`. The caller owns its tensors. */
  init(points: tf.Tensor, inverse?: tf.Tensor): QuasiNewtonState;
  /** Value and radius as at first, `[batch, 1]`: to go on with where the function has changed. The caller owns them. */
  restart(batch: number, n: number): Pick<QuasiNewtonState, 'value' | 'radius'>;
  /**
   * The state for a function that has changed a little: `value` `[batch, 1]` is what it is now at the best point so far.
   * The slope is scaled alike, by at most 2, as if the whole function had been; the curvature is kept.
   */
  revalued(state: QuasiNewtonState, value: tf.Tensor): QuasiNewtonState;
  /**
   * The next point to evaluate, from value `[batch, 1]` and gradient `[batch, n]` at the one asked for before. A value or
   * a gradient that is no finite number below 1e30 is a point that is left again, and teaches nothing.
   */
  update(
    points: tf.Tensor,
    value: tf.Tensor,
    gradient: tf.Tensor,
    state: QuasiNewtonState,
    options?: {
      /**
       * Whether the points of the batch are kept or left together, by the sum of their values: for a value that depends
       * on other points of the batch too. Default: each by its own.
       */
      together?: boolean;
    },
  ): { points: tf.Tensor; state: QuasiNewtonState; accepted: tf.Tensor };
}

/**
 * BFGS with the inverse Hessian as a matrix (Nocedal and Wright, Numerical Optimization, chapter 6), without a line
 * search: every step is one evaluation. A step longer than the radius is shortened to it; a point that is no better is
 * left again, but what it tells about the curvature is kept; the radius follows how well the quadratic model predicted
 * (chapter 4). Tensors only and of fixed shapes, so that it can be part of a {@link StepFunction}.
 *
 * For coordinates in which steps of equal length mean about the same, such as a whitened latent space. The matrix has
 * n² numbers: for hundreds of coordinates, not for thousands.
 */
export function quasiNewton(options: QuasiNewtonOptions = {}): QuasiNewton {
  const { radius = 0.125, maxRadius = 0.25, scale = 5 } = options;
  const restart: QuasiNewton['restart'] = (batch, n) => ({
    value: tf.fill([batch, 1], unknownValue),
    radius: tf.fill([batch, 1], radius * Math.sqrt(n)),
  });
  return {
    restart,
    revalued: (state, value) => {
      const known = isKnown(state.value);
      const factor = tf.clipByValue(tf.divNoNan(value, state.value), 0.5, 2);
      return {
        ...state,
        value: tf.where(known, value, state.value),
        slope: tf.where(known, tf.mul(state.slope, factor), state.slope),
      };
    },
    init: (points, inverse) => {
      const [batch, n] = points.shape as [number, number];
      const start = inverse ? tf.reshape(inverse, [1, n, n]) : tf.mul(tf.eye(n), scale);
      return {
        anchor: tf.clone(points),
        slope: tf.zerosLike(points),
        ...restart(batch, n),
        promise: tf.zeros([batch, 1]),
        inverse: tf.tile(tf.reshape(start, [1, n, n]), [batch, 1, 1]),
      };
    },
    update: (points, value, gradient, state, { together = false } = {}) => {
      const [batch, n] = points.shape as [number, number];
      const shared = (x: tf.Tensor) => (together ? tf.tile(tf.sum(x, 0, true), [batch, 1]) : x);
      // False for NaN too. A product with a mask would hand NaN on: everything below selects.
      const finite = tf.logicalAnd(
        tf.less(tf.abs(value), unknownValue),
        tf.less(dot(gradient, gradient), unknownValue),
      );
      const usable = tf.less(shared(tf.sub(1, tf.cast(finite, 'float32'))), 0.5);
      const known = isKnown(state.value);
      const found = tf.where(usable, value, state.value);
      const step = tf.sub(points, state.anchor);
      // At the first evaluation there is nothing to compare with.
      const change = tf.where(
        tf.logicalAnd(usable, known),
        tf.sub(gradient, state.slope),
        tf.zerosLike(gradient),
      );
      const inverse = bfgs(state.inverse, step, change);
      const better = tf.logicalAnd(usable, tf.less(shared(found), shared(state.value)));
      const anchor = tf.where(better, points, state.anchor);
      const slope = tf.where(better, gradient, state.slope);
      const gain = tf.sub(shared(state.value), shared(found));
      const next = nextRadius(norm(step), gain, shared(state.promise), state.radius, usable);
      const judged = tf.logicalOr(known, tf.logicalNot(usable));
      const trusted = tf.where(judged, tf.minimum(next, maxRadius * Math.sqrt(n)), state.radius);

      const direction = tf.neg(times(inverse, slope));
      const length = norm(direction);
      const share = tf.minimum(tf.div(trusted, tf.add(length, 1e-12)), 1);
      // Of the model f + g·p + p·Bp/2, where Bp = -g for the whole direction.
      const descent = tf.neg(dot(direction, slope));
      const promise = tf.mul(descent, tf.sub(share, tf.mul(tf.square(share), 0.5)));
      return {
        points: tf.add(anchor, tf.mul(direction, share)),
        state: {
          anchor,
          slope,
          value: tf.where(better, found, state.value),
          promise,
          radius: trusted,
          inverse,
        },
        accepted: better,
      };
    },
  };
}

const isKnown = (value: tf.Tensor) => tf.less(value, unknownValue / 2);

/**
 * The BFGS update `H + s aᵀ + a sᵀ`, `a = (yHy/sy² + 1/sy) s/2 - Hy/sy`, where the step s met positive curvature; none for
 * a change y of 0.
 */
function bfgs(inverse: tf.Tensor, s: tf.Tensor, y: tf.Tensor): tf.Tensor {
  const sy = dot(s, y);
  // Below 1e-10 rounding has the word, and 1 / sy² runs out of range.
  const least = tf.maximum(tf.mul(tf.mul(norm(s), norm(y)), 1e-3), 1e-10);
  const convex = tf.greater(sy, least);
  // 0 where there is nothing to learn, which leaves the matrix as it is.
  const rho = tf.where(convex, tf.reciprocal(tf.where(convex, sy, tf.onesLike(sy))), tf.zerosLike(sy));
  const hy = times(inverse, y);
  const along = tf.mul(tf.add(tf.mul(tf.square(rho), dot(y, hy)), rho), 0.5);
  const a = tf.sub(tf.mul(s, along), tf.mul(hy, rho));
  const product = tf.matMul(tf.expandDims(s, 2), tf.expandDims(a, 1));
  return tf.add(inverse, tf.add(product, tf.transpose(product, [0, 2, 1])));
}

/**
 * Half the step where less than a quarter of what the model promised came true, or nothing usable, more room where most
 * did.
 */
function nextRadius(
  length: tf.Tensor,
  gain: tf.Tensor,
  promise: tf.Tensor,
  radius: tf.Tensor,
  usable: tf.Tensor,
): tf.Tensor {
  const fair = tf.logicalAnd(usable, tf.greaterEqual(gain, tf.mul(promise, 0.25)));
  const held = tf.greater(length, tf.mul(radius, 0.99));
  const good = tf.logicalAnd(held, tf.greater(gain, tf.mul(promise, 0.6)));
  const grown = tf.where(good, tf.mul(radius, 1.5), radius);
  return tf.where(fair, grown, tf.maximum(tf.mul(length, 0.5), 1e-3));
}

const dot = (a: tf.Tensor, b: tf.Tensor) => tf.sum(tf.mul(a, b), 1, true);
const norm = (a: tf.Tensor) => tf.sqrt(dot(a, a));
const times = (matrix: tf.Tensor, vector: tf.Tensor) =>
  tf.squeeze(tf.matMul(matrix, tf.expandDims(vector, 2)), [2]);
