import type { HostTensor, RandomState } from '@faceanim/tensor';
import type { NamedTensorMap, Tensor, Tensor2D } from '@tensorflow/tfjs-core';
import type { LatentSpaceName } from '../latents/latent-space';

/**
 * Named arrays in host memory.
 *
 * @category Optimizers and presets
 */
export type HostTensors = Readonly<Record<string, HostTensor>>;

/**
 * The size of an optimisation problem.
 *
 * @category Optimizers and presets
 */
export interface OptimizerProblem {
  /** Number of coordinates per frame. */
  readonly coordinates: number;
  /** The most frames that are optimised together. */
  readonly frames: number;
}

/**
 * The start of a frame, or of a batch of frames.
 *
 * @category Optimizers and presets
 */
export interface OptimizerStart {
  /**
   * The optimised parameters: `coordinates` `[batch, layers, dimensions]` and, if noise maps are optimised, `noise/NAME`
   * `[height, width]` for each.
   */
  readonly params: HostTensors;
  /** Number of loss terms. */
  readonly terms: number;
  /** State carried over from an earlier frame ({@link Optimizer.carryOver}), repeated for each frame of the batch. */
  readonly carriedOver?: HostTensors;
}

/**
 * The position in a run for which {@link Optimizer.inputs} is called.
 *
 * @category Optimizers and presets
 */
export interface OptimizerPosition {
  /** Index of the frame in its shot, from 0; of the first one, in a batch. */
  readonly frame: number;
  /** The step, from 0. */
  readonly step: number;
  /** Number of steps of the frame. */
  readonly steps: number;
  /** Shape of the coordinates: `[batch, layers, dimensions]`. */
  readonly shape: readonly number[];
  /** The latent space: its name, and the standard deviation of its coordinates. */
  readonly space: { readonly name: LatentSpaceName; readonly std: number };
  /** Weights of the loss terms at this step. */
  readonly weights: Float32Array;
  /** Weights of the loss terms at the previous step; absent at the first step. */
  readonly weightsBefore?: Float32Array;
  /** Random numbers of this frame. */
  readonly random: RandomState;
}

/**
 * Input of {@link Optimizer.step}: the objective at the current parameters, and the optimizer state.
 *
 * @category Optimizers and presets
 */
export interface OptimizerStep {
  /** The current parameters, by the names in {@link OptimizerStart.params}. */
  readonly params: Readonly<NamedTensorMap>;
  /** Gradients of the weighted sum of the losses over all frames, by the names in `params`. */
  readonly gradients: Readonly<NamedTensorMap>;
  /** The loss terms before weighting, and their weighted sum in the last row: `[terms + 1, batch]`. */
  readonly losses: Tensor2D;
  /** Weights of the loss terms, `[terms, 1]`. */
  readonly weights: Tensor2D;
  /** Whether the losses of one frame depend on another frame of the batch, as with `smooth`. */
  readonly coupled: boolean;
  /** The state, by the names in the result of `init`. */
  readonly state: Readonly<NamedTensorMap>;
  /** The result of {@link Optimizer.inputs} for this step. */
  readonly inputs: Readonly<NamedTensorMap>;
}

/**
 * An optimizer of latents, such as {@link quasiNewton} or {@link adam}. It is stateless: `init` and `step` return its state,
 * and the run passes it to the next step.
 *
 * @example
 * const gradientDescent = (rate = 0.1): Optimizer => ({
 *   specificationVersion: 'v1',
 *   name: 'gradient-descent',
 *   settings: { rate },
 *   steps: { first: 300, next: 50 },
 *   init: () => ({}),
 *   step: ({ params, gradients }) => ({
 *     params: { coordinates: tf.sub(params.coordinates!, tf.mul(gradients.coordinates!, rate)) },
 *     state: {},
 *   }),
 * });
 *
 * @category Optimizers and presets
 */
export interface Optimizer {
  readonly specificationVersion: 'v1';
  /** Its name in messages and in the origin of frames. */
  readonly name: string;
  /** Its options with defaults filled in. They must be the same when a run is resumed. */
  readonly settings: Readonly<Record<string, unknown>>;
  /**
   * What its steps depend on besides `settings`, such as the function that made it. Optimizers whose `settings` are equal and whose
   * keys have identical elements are the same to the runs of a projector, which then do not project a look again. Copies of the
   * built-in ones do not inherit theirs. Default: the optimizer itself.
   */
  readonly key?: readonly unknown[];
  /** How many steps it needs for a face that it does not know, and for a frame after another; see {@link defaultSteps}. */
  readonly steps: { readonly first: number; readonly next: number };
  /** Whether it can optimise noise maps as well. Default no; runs that need it throw. */
  readonly trainsNoise?: boolean;
  /**
   * How far the start of a frame is extrapolated from the last two frames, in units of their difference. Default 0: frames
   * start at the last one.
   */
  readonly extrapolation?: number;
  /**
   * Names of state that is carried over to later frames, for state that takes many steps to learn. Its first axis must be the
   * batch. It is stored in {@link ProjectedFrame.carriedOver}. Default: none; every frame starts anew.
   */
  readonly carryOver?: readonly string[];
  /**
   * Names of state with the best coordinates so far (of any shape) and their losses `[terms + 1, batch]`, for an optimizer
   * whose steps may be worse. Default: the coordinates after the last step, and the losses before it.
   */
  readonly best?: { readonly coordinates: string; readonly losses: string };
  /** Throws a `FaceanimError` for a problem that it cannot solve, such as one too large for its matrices. */
  check?(problem: OptimizerProblem): void;
  /** Returns the state before the first step. */
  init(start: OptimizerStart): HostTensors;
  /**
   * Returns scheduled inputs of `step`, such as a learning rate, by name. Names and shapes must be the same at every step.
   * Called once per step, in order. An input `latentNoise`, of the shape of the coordinates, is added to them for synthesis.
   */
  inputs?(at: OptimizerPosition): HostTensors;
  /**
   * Returns the parameters to evaluate next and the new state, with the same names and shapes. It may be recorded and
   * replayed as part of a program: use tensor operations only; any other number is fixed when the step is recorded.
   */
  step(at: OptimizerStep): { params: Record<string, Tensor>; state: Record<string, Tensor> };
}
