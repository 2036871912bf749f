import { type Arithmetic, FaceanimError, type HostTensor, pointwise } from '@faceanim/tensor';
import { checkOptions, type OptionChecks, positiveNumber } from '@faceanim/tensor/options';
import * as tf from '@tensorflow/tfjs-core';
import { withKey } from '../alike';
import type { HostTensors, Optimizer, OptimizerProblem, OptimizerStart, OptimizerStep } from './optimizer';
import { isKnown, type TrustRegionState, trustRegionStep, unknownValue } from './trust-region';

/**
 * Options of {@link quasiNewton}.
 *
 * @category Optimizers and presets
 */
export interface QuasiNewtonOptions {
  /** Initial trust radius: the longest first step, as root mean square over the coordinates. Default 0.125. */
  trustRadius?: number;
  /** Largest trust radius, in the same unit. Default 0.25. */
  maxTrustRadius?: number;
  /** The initial inverse Hessian is this times the identity. Default 5. */
  scale?: number;
}

const checks: OptionChecks<QuasiNewtonOptions> = {
  trustRadius: positiveNumber,
  maxTrustRadius: positiveNumber,
  scale: positiveNumber,
};

/**
 * The default optimizer: BFGS with a trust radius and without a line search. Each step takes one evaluation, and points that
 * are not better than the best so far are rejected.
 *
 * The inverse Hessian is kept as a matrix, which rejected points improve as well, and is carried over from frame to frame.
 * Steps are limited to the trust radius, which adapts to how well the quadratic model predicts. When the weights of the
 * loss terms jump, it restarts at the best point and keeps the matrix.
 *
 * Made for hundreds of coordinates (the matrix has n² numbers) in which steps of equal length have similar effects, as in the
 * whitened latent spaces. It cannot optimise noise maps.
 *
 * @example
 * projectSequence({ ...models, look, driver, optimizer: quasiNewton({ trustRadius: 0.1 }) })
 *
 * @throws {FaceanimError} `invalid-option`, also for unknown options; from `check` if the matrices of the frames that are
 *   optimised together take more than 32 MiB.
 *
 * @category Optimizers and presets
 */
export function quasiNewton(options: QuasiNewtonOptions = {}): Optimizer {
  checkOptions('quasiNewton', options, checks, { prefix: 'quasiNewton.' });
  const { trustRadius = 0.125, maxTrustRadius = 0.25, scale = 5 } = options;
  return withKey([quasiNewton], {
    specificationVersion: 'v1',
    name: 'quasi-newton',
    settings: { trustRadius, maxTrustRadius, scale },
    steps: { first: 60, next: 10 },
    // Full extrapolation overshoots at blinks.
    extrapolation: 0.5,
    carryOver: ['inverse'],
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
      const evaluated = {
        points: flat(coordinates!),
        value: totalsOf(at.losses),
        gradient: flat(at.gradients.coordinates!),
        coupled: at.coupled,
      };
      const { losses, ...known } = underNewWeights(at, trustRadius * Math.sqrt(n));
      const { next, accepted, state } = trustRegionStep(evaluated, known, maxTrustRadius * Math.sqrt(n));
      return {
        params: { coordinates: tf.reshape(next, coordinates!.shape) },
        state: {
          ...state,
          losses: tf.where(tf.reshape(tf.greater(accepted, 0.5), [1, batch]), at.losses, losses),
        },
      };
    },
  });
}

/** The state: that of the trust-region method, and losses. */
interface QuasiNewtonState extends TrustRegionState {
  /** Losses at the best points, `[terms + 1, batch]`. */
  readonly losses: tf.Tensor;
}

function startState({ params, terms, carriedOver }: OptimizerStart, scale: number): HostTensors {
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
    inverse: carriedOver?.inverse ?? identities(batch, n, scale),
    // If not even the first evaluation is accepted, the run reads these and reports divergence.
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
 * The state under the weights of this step. The value of the best point is recomputed from its losses; its gradient is scaled
 * by the same factor, between 0.5 and 2, as if all terms had changed alike. A restart forgets the value and resets the
 * trust radius.
 */
function underNewWeights(
  { state, losses, weights, inputs }: OptimizerStep,
  firstRadius: number,
): QuasiNewtonState {
  const [rows, batch] = losses.shape;
  const before = state as unknown as QuasiNewtonState;
  const kept = tf.slice(before.losses, [0, 0], [rows - 1, batch]) as tf.Tensor2D;
  const total = tf.matMul<tf.Tensor2D>(weights, kept, true);
  const perPoint = (x: tf.Tensor) => tf.reshape(x, [batch, 1, -1]) as tf.Tensor3D;
  const restart = tf.reshape(inputs.restart!, [1, 1, 1]) as tf.Tensor3D;
  const now = { restart, value: perPoint(before.value), total: perPoint(total) };
  const radius = pointwise(
    'quasiNewtonRadius',
    { restart, radius: perPoint(before.radius), firstRadius },
    (math, x) => [math.where(math.less(math.constant(0.5), x.restart), x.firstRadius, x.radius)],
  );
  const value = pointwise('quasiNewtonValue', now, (math, x) => {
    const old = remembered(math, x);
    return [math.where(isKnown(math, old), x.total, old)];
  });
  const slope = pointwise('quasiNewtonSlope', { ...now, slope: perPoint(before.slope) }, (math, x) => {
    const old = remembered(math, x);
    const [zero, least, most] = [0, 0.5, 2].map((value) => math.constant(value)) as [
      typeof old,
      typeof old,
      typeof old,
    ];
    const ratio = math.where(math.less(zero, math.abs(old)), math.div(x.total, old), zero);
    const factor = math.minimum(math.maximum(ratio, least), most);
    return [math.where(isKnown(math, old), math.mul(x.slope, factor), x.slope)];
  });
  return { ...before, radius, value, slope, losses: tf.concat([kept, total]) };
}

/** The value of the best point under the old weights, unless a restart forgets it. */
const remembered = <T>(math: Arithmetic<T>, { restart, value }: { restart: T; value: T }) =>
  math.where(math.less(math.constant(0.5), restart), math.constant(unknownValue), value);

/** The last row of losses, as `[batch, 1]`. */
const totalsOf = (losses: tf.Tensor) =>
  tf.reshape(tf.slice(losses, [losses.shape[0]! - 1, 0]), [losses.shape[1]!, 1]);

/**
 * Whether the weights have jumped from one step to the next, which makes value and gradient at the best point useless: a term
 * was added or removed, or a weight has more than doubled or halved.
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
