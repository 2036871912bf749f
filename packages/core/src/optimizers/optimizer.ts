import type { HostTensor, RandomState } from '@faceanim/tensor';
import type { NamedTensorMap, Tensor, Tensor2D } from '@tensorflow/tfjs-core';
import type { LatentSpaceName } from '../latents/latent-space';

/** Arrays by name, in host memory, so that they can be saved. */
export type HostTensors = Readonly<Record<string, HostTensor>>;

/** What an optimizer is asked to optimise. */
export interface OptimizerProblem {
  /** Number of coordinates of a frame. */
  readonly coordinates: number;
  /** Most frames that are optimised together. */
  readonly frames: number;
}

/** Where a frame, or a batch of frames, starts. */
export interface OptimizerStart {
  /**
   * What is optimised: `coordinates` `[batch, layers, dimensions]`, and for an optimizer that `trainsNoise`, where noise maps
   * are optimised, `noise/NAME` `[height, width]` for each.
   */
  readonly params: HostTensors;
  /** Number of loss terms. */
  readonly terms: number;
  /** What an earlier frame has handed on ({@link Optimizer.carryOver}), the same for each frame of the batch. */
  readonly carriedOver?: HostTensors;
}

/** A step of the optimisation before it is taken. */
export interface OptimizerPosition {
  /** Index of the (first) frame in the run, from 0. */
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
  /** Weights of the loss terms at the step before; absent at the first step. */
  readonly weightsBefore?: Float32Array;
  /** Random numbers of this frame. */
  readonly random: RandomState;
}

/** The objective at the current parameters, and what an optimizer knows. Tensors only: it may be part of a recorded program. */
export interface OptimizerStep {
  /** What is optimised, by the names of {@link OptimizerStart.params}. */
  readonly params: Readonly<NamedTensorMap>;
  /** Gradients of the weighted sum of the losses over all frames, by the names of `params`. */
  readonly gradients: Readonly<NamedTensorMap>;
  /** `[terms + 1, batch]`: the loss terms before weighting, and their weighted sum in the last row. */
  readonly losses: Tensor2D;
  /** Weights of the loss terms, `[terms, 1]`. */
  readonly weights: Tensor2D;
  /** Whether the losses of one frame of the batch depend on another, as with `smooth`. */
  readonly coupled: boolean;
  /** The optimizer's own tensors, by the names that `init` gave them. */
  readonly state: Readonly<NamedTensorMap>;
  /** What {@link Optimizer.inputs} gave for this step. */
  readonly inputs: Readonly<NamedTensorMap>;
}

/**
 * Moves the coordinates of a latent step by step to where the objective is lower. An optimizer is one file: a factory that
 * returns this. It keeps nothing itself: what it knows is its state, which is handed in and out.
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
 */
export interface Optimizer {
  readonly specificationVersion: 'v1';
  /** What it is called in records of a run and in messages. */
  readonly name: string;
  /** What it was made with, defaults filled in. A run that is resumed must have the same. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Steps of the first frame of a run and of each later one, unless the run says otherwise. */
  readonly steps: { readonly first: number; readonly next: number };
  /** Whether it optimises noise maps too. Default: the coordinates alone, and a run that asks for more is refused. */
  readonly trainsNoise?: boolean;
  /**
   * Where later frames start: this share of the motion between the last two frames beyond the last one. Default 0, at the
   * last one.
   */
  readonly extrapolation?: number;
  /**
   * Names of its state that later frames start with, for what is expensive to learn. Each has the batch as its first axis.
   * It is kept with the frame and saved. Default: every frame starts anew.
   */
  readonly carryOver?: readonly string[];
  /**
   * Names of its state that hold the best coordinates so far, of any shape, and their losses `[terms + 1, batch]`: for an
   * optimizer that tries worse ones on the way. Default: where the last step has led, and the losses before it.
   */
  readonly best?: { readonly coordinates: string; readonly losses: string };
  /** Throws a typed error for a problem that it cannot solve, such as one too large for its matrices. */
  check?(problem: OptimizerProblem): void;
  /** Its state before the first step. */
  init(start: OptimizerStart): HostTensors;
  /**
   * What changes from step to step whatever the steps before have found, such as a learning rate: inputs of `step` by name.
   * Their names and shapes are the same at every step. Asked once a step, in order. One named `latentNoise`, of the shape of
   * the coordinates, is added to them for the picture alone.
   */
  inputs?(at: OptimizerPosition): HostTensors;
  /**
   * The parameters that are evaluated next, and its new state, with the names and shapes that they had. Functional tensor
   * operations only; numbers that it reads from elsewhere are taken as constants.
   */
  step(at: OptimizerStep): { params: Record<string, Tensor>; state: Record<string, Tensor> };
}
