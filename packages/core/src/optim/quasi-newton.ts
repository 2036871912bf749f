import { FaceanimError, type HostTensor } from '@faceanim/tensor';
import { checkOptions, type OptionChecks, positiveNumber } from '@faceanim/tensor/options';
import * as tf from '@tensorflow/tfjs-core';
import type {
  HostTensors,
  Optimizer,
  OptimizerProblem,
  OptimizerStart,
  OptimizerStep,
} from '../contracts/optimizer';
import { bfgs, dot, norm, times } from './bfgs';

/** Options of {@link quasiNewton}. */
export interface QuasiNewtonOptions {
  /** Root mean square over the coordinates that the first step may have at most. Default 0.125. */
  trustRadius?: number;
  /** The same for any step. Default 0.25. */
  maxTrustRadius?: number;
  /** The inverse Hessian before anything is known is this times the identity. Default 5. */
  scale?: number;
}

const checks: OptionChecks<QuasiNewtonOptions> = {
  trustRadius: positiveNumber,
  maxTrustRadius: positiveNumber,
  scale: positiveNumber,
};

/** Stands for the value of a point that was not evaluated: any point is better. */
const unknownValue = 1e30;

/**
 * BFGS with a trust radius and without a line search: every step is one evaluation, and a point that is no better than the
 * best one so far is left again. The default optimizer.
 *
 * The inverse Hessian is kept as a matrix (Nocedal and Wright, Numerical Optimization, chapter 6). A step longer than the
 * trust radius is shortened to it; what a point that is left tells about the curvature is kept; the radius follows how well
 * the quadratic model predicted (chapter 4). Small changes of the weights are followed. Where the weights have jumped, the
 * steps begin anew from the best point and keep the curvature.
 *
 * For coordinates in which steps of equal length mean about the same, such as a whitened latent space, and for hundreds of
 * them: the matrix has n² numbers. It does not optimise noise maps.
 *
 * @example
 * projectSequence({ ...models, look, driver, optimizer: quasiNewton({ trustRadius: 0.1 }) })
 *
 * @throws {FaceanimError} `invalid-option` for options that it does not have; from `check` where the matrices of the frames
 *   that are optimised together take more than 32 MiB.
 */
export function quasiNewton(options: QuasiNewtonOptions = {}): Optimizer {
  checkOptions('quasiNewton', options, checks, { prefix: 'quasiNewton.' });
  const { trustRadius = 0.125, maxTrustRadius = 0.25, scale = 5 } = options;
  return {
    specificationVersion: 'v1',
    name: 'quasi-newton',
    settings: { trustRadius, maxTrustRadius, scale },
    steps: { first: 60, next: 10 },
    // A whole motion shoots past blinks.
    extrapolation: 0.5,
    handsOn: ['inverse'],
    best: { coordinates: 'anchor', losses: 'losses' },
    check: checkMatrixSize,
    init: (start) => startState(start, scale),
    inputs: ({ weights, weightsBefore }) => {
      const restart = !weightsBefore || haveJumped(weights, weightsBefore);
      return { restart: { shape: [], data: Float32Array.of(restart ? 1 : 0) } };
    },
    step: (at) => {
      const { coordinates } = at.params;
      const [batch, layers, dimensions] = coordinates!.shape as [number, number, number];
      const n = layers * dimensions;
      const flat = (x: tf.Tensor) => tf.reshape(x, [batch, n]);
      const radii = { first: trustRadius * Math.sqrt(n), most: maxTrustRadius * Math.sqrt(n) };
      const state = underNewWeights(at, radii.first);
      const totals = totalsOf(at.losses);
      const gradient = flat(at.gradients.coordinates!);
      const next = stepFrom(flat(coordinates!), totals, gradient, state, at.coupled, radii.most);
      const { points, accepted, ...rest } = next;
      const losses = tf.where(tf.reshape(accepted, [1, batch]), at.losses, state.losses);
      return {
        params: { coordinates: tf.reshape(points, [batch, layers, dimensions]) },
        state: { ...rest, losses },
      };
    },
  };
}

/** The state for points with n coordinates each. */
interface QuasiNewtonState extends tf.NamedTensorMap {
  /** The best point so far, `[batch, n]`. */
  anchor: tf.Tensor;
  /** Gradient there, `[batch, n]`. */
  slope: tf.Tensor;
  /** Value there, `[batch, 1]`; 1e30 before the first evaluation. */
  value: tf.Tensor;
  /** Decrease that the quadratic model predicts for the point that is asked next, `[batch, 1]`. */
  predicted: tf.Tensor;
  /** Trust radius, `[batch, 1]`. */
  radius: tf.Tensor;
  /** Inverse Hessian, `[batch, n, n]`. */
  inverse: tf.Tensor;
  /** Losses at the best point, `[terms + 1, batch]`. */
  losses: tf.Tensor;
}

function startState({ params, terms, handedOn }: OptimizerStart, scale: number): HostTensors {
  const { shape, data } = params.coordinates!;
  const [batch, n] = [shape[0]!, data.length / shape[0]!];
  const filled = (shape: readonly number[], value: number) => ({
    shape,
    data: new Float32Array(tf.util.sizeFromShape([...shape])).fill(value),
  });
  return {
    anchor: { shape: [batch, n], data },
    slope: filled([batch, n], 0),
    value: filled([batch, 1], unknownValue),
    predicted: filled([batch, 1], 0),
    radius: filled([batch, 1], 0),
    inverse: handedOn?.inverse ?? identities(batch, n, scale),
    // Nothing is known of them: a start without finite losses shows as one that has none.
    losses: filled([terms + 1, batch], Number.NaN),
  };
}

/** Identity matrices times a factor, `[batch, n, n]`. */
function identities(batch: number, n: number, factor: number): HostTensor {
  const data = new Float32Array(batch * n ** 2);
  for (let i = 0; i < batch * n; i++) data[i * n + (i % n)] = factor;
  return { shape: [batch, n, n], data };
}

/**
 * The state with what the best point is worth by the weights of this step. Its slope is scaled alike, by at most 2, as if
 * the whole objective had changed; the curvature is kept. After a restart its value is unknown, and the radius as at first.
 */
function underNewWeights(
  { state, losses, weights, inputs }: OptimizerStep,
  firstRadius: number,
): QuasiNewtonState {
  const [rows, batch] = losses.shape;
  const before = state as QuasiNewtonState;
  const kept = tf.slice(before.losses, [0, 0], [rows - 1, batch]) as tf.Tensor2D;
  const now = tf.concat([kept, tf.matMul<tf.Tensor2D>(weights, kept, true)]);
  const restart = tf.greater(inputs.restart!, 0.5);
  const old = tf.where(restart, tf.fill([batch, 1], unknownValue), before.value);
  const radius = tf.where(restart, tf.fill([batch, 1], firstRadius), before.radius);
  const value = totalsOf(now);
  const known = isKnown(old);
  const factor = tf.clipByValue(tf.divNoNan(value, old), 0.5, 2);
  return {
    ...before,
    radius,
    value: tf.where(known, value, old),
    slope: tf.where(known, tf.mul(before.slope, factor), before.slope),
    losses: now,
  };
}

/**
 * The next points to evaluate, from values `[batch, 1]` and gradients `[batch, n]` at those asked for before. A value or a
 * gradient that is no finite number below 1e30 is a point that is left again, and teaches nothing.
 *
 * @param together whether the points of the batch are kept or left together, by the sum of their values: for values that
 *   depend on other points of the batch too.
 */
function stepFrom(
  points: tf.Tensor,
  value: tf.Tensor,
  gradient: tf.Tensor,
  state: QuasiNewtonState,
  together: boolean,
  maxRadius: number,
) {
  const batch = points.shape[0]!;
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
  const accepted = tf.logicalAnd(usable, tf.less(shared(found), shared(state.value)));
  const anchor = tf.where(accepted, points, state.anchor);
  const slope = tf.where(accepted, gradient, state.slope);
  const gain = tf.sub(shared(state.value), shared(found));
  const next = nextRadius(norm(step), gain, shared(state.predicted), state.radius, usable);
  const judged = tf.logicalOr(known, tf.logicalNot(usable));
  const radius = tf.where(judged, tf.minimum(next, maxRadius), state.radius);

  const direction = tf.neg(times(inverse, slope));
  const share = tf.minimum(tf.div(radius, tf.add(norm(direction), 1e-12)), 1);
  // Of the model f + g·p + p·Bp/2, where Bp = -g for the whole direction.
  const descent = tf.neg(dot(direction, slope));
  const predicted = tf.mul(descent, tf.sub(share, tf.mul(tf.square(share), 0.5)));
  return {
    points: tf.add(anchor, tf.mul(direction, share)),
    accepted,
    anchor,
    slope,
    value: tf.where(accepted, found, state.value),
    predicted,
    radius,
    inverse,
  };
}

/**
 * The trust radius after a step: half of the step where less than a quarter of the predicted decrease came true or nothing
 * usable was found, larger where most of it did.
 */
function nextRadius(
  length: tf.Tensor,
  gain: tf.Tensor,
  predicted: tf.Tensor,
  radius: tf.Tensor,
  usable: tf.Tensor,
): tf.Tensor {
  const fair = tf.logicalAnd(usable, tf.greaterEqual(gain, tf.mul(predicted, 0.25)));
  const held = tf.greater(length, tf.mul(radius, 0.99));
  const good = tf.logicalAnd(held, tf.greater(gain, tf.mul(predicted, 0.6)));
  const grown = tf.where(good, tf.mul(radius, 1.5), radius);
  return tf.where(fair, grown, tf.maximum(tf.mul(length, 0.5), 1e-3));
}

const isKnown = (value: tf.Tensor) => tf.less(value, unknownValue / 2);

/** The last row of losses, as `[batch, 1]`. */
const totalsOf = (losses: tf.Tensor) =>
  tf.reshape(tf.slice(losses, [losses.shape[0]! - 1, 0]), [losses.shape[1]!, 1]);

/**
 * Whether the weights have jumped, so that value and slope at the best point say nothing any more: a term has come or gone,
 * or a weight has more than doubled or halved, from one step to the next.
 */
function haveJumped(weights: Float32Array, before: Float32Array): boolean {
  return weights.some((now, i) => {
    const then = before[i]!;
    return (now === 0) !== (then === 0) || now > 2 * then || now < then / 2;
  });
}

function checkMatrixSize({ coordinates: n, frames }: OptimizerProblem): void {
  const bytes = 4 * frames * n ** 2;
  if (bytes <= 2 ** 25) return;
  const [size, windows] = [Math.round(bytes / 1e6), frames > 1 ? ` and windows of ${frames} frames` : ''];
  throw new FaceanimError(
    'invalid-option',
    `quasiNewton() keeps a matrix of all pairs of coordinates: ${size} MB for ${n} coordinates${windows}.`,
    {
      hint: `Use optimizer: adam() or the preset thorough, or space: 'whitened-w'${frames > 1 ? ', or a smaller window' : ''}.`,
    },
  );
}
