import { addPrefix, type RandomState, type StepFunction, takePrefix } from '@faceanim/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { normalizeNoise } from '../losses/noise-maps';
import { type AdamOptions, type AdamState, adam } from './adam';
import type { LatentSpace } from './latent-space';
import type { NoiseUse, Objective } from './objective';
import {
  type LatentNoiseSchedule,
  type LearningRateSchedule,
  latentNoiseAt,
  learningRateAt,
} from './schedules';

/** - `adam`: {@link adam}, with a learning rate; - `quasi-newton`: {@link quasiNewton}, which finds its steps itself. */
export type OptimizerName = 'adam' | 'quasi-newton';

/** What decides about a step, apart from the tensors that it starts from. */
export interface LatentStepOptions {
  objective: Objective;
  space: LatentSpace;
  steps: number;
  /** What moves the coordinates. Default `adam`. Noise, latent or optimised, is for `adam`. */
  optimizer?: OptimizerName;
  /** Of `adam`. */
  learningRate: LearningRateSchedule;
  /** Default: those of the paper. */
  adam?: AdamOptions;
  /** Default: none. */
  latentNoise?: LatentNoiseSchedule;
  /** Needed by latent noise. */
  random?: RandomState;
  /** What noise maps are for; trained ones are normalised after every step. Default `fixed`. */
  noiseUse?: NoiseUse;
}

/** The tensors that a step starts from and gives anew, beside the noise maps that are not trained. */
export interface LatentStepState {
  /** `[batch, layers, dimensions]` in the latent space. */
  readonly coordinates: tf.Tensor;
  /** Moments of the coordinates and, where they are trained, of the noise maps. */
  readonly adam: AdamState;
  /** Noise maps by layer name. */
  readonly noise: Readonly<Record<string, tf.Tensor2D>>;
}

/** A value on the host that is an input of the step. */
interface HostInput {
  readonly shape: number[];
  readonly data: Float32Array;
}

/** What changes from step to step whatever the step before has found. */
export interface StepSchedule {
  /** Terms whose weight is not 0. */
  readonly active: readonly boolean[];
  /** Inputs of the step by name: weights, rates, latent noise. */
  readonly inputs: Readonly<Record<string, HostInput>>;
}

/**
 * The schedules at a step, for coordinates of some shape. Draws the latent noise, so it is asked once for every step, in
 * order.
 */
export function scheduleAt(options: LatentStepOptions, shape: number[], step: number): StepSchedule {
  const { objective, space, steps, learningRate, latentNoise, random } = options;
  const weights = objective.weights({ step, steps });
  const inputs: Record<string, HostInput> = {
    weights: { shape: [weights.length, 1], data: Float32Array.from(weights) },
  };
  if (options.optimizer !== 'quasi-newton') {
    const { size, root } = adam(options.adam).rates(step, learningRateAt(learningRate, step, steps));
    inputs.size = { shape: [], data: Float32Array.of(size) };
    inputs.root = { shape: [], data: Float32Array.of(root) };
  }
  if (latentNoise && random) {
    // Drawn even where the factor has faded to 0, so that the random stream does not depend on the schedule.
    const scale = latentNoiseAt(latentNoise, step, steps) * space.std;
    const draw = random.randn(tf.util.sizeFromShape(shape));
    inputs.latentNoise = { shape, data: Float32Array.from(draw, (x) => x * scale) };
  }
  return { active: weights.map((weight) => weight !== 0), inputs };
}

/** Everything that decides which function a step is, as a key for its program. */
export function structureOf({ objective, noiseUse }: LatentStepOptions, { active, inputs }: StepSchedule) {
  return JSON.stringify([
    objective.structure,
    noiseUse,
    active,
    Object.values(inputs).map(({ shape }) => shape),
  ]);
}

/** The inputs of a schedule as tensors. */
export function tensorsOf({ inputs }: StepSchedule): tf.NamedTensorMap {
  const tensors = Object.entries(inputs).map(([name, { data, shape }]) => [name, tf.tensor(data, shape)]);
  return Object.fromEntries(tensors);
}

/** The tensors of the frame by the names that they have in a step; they stay the objective's. */
export function frameTensors({ objective }: LatentStepOptions): tf.NamedTensorMap {
  return addPrefix('frame/', objective.inputs);
}

/** The tensors of a state by the names that they have in a step. */
export function stateTensors({ coordinates, adam: { m, v }, noise }: LatentStepState): tf.NamedTensorMap {
  const params = { coordinates, ...addPrefix('noise/', noise) };
  const moments = (name: string, tensors: readonly tf.Tensor[]) =>
    Object.keys(params)
      .slice(0, tensors.length)
      .map((param, i) => [`${name}/${param}`, tensors[i]]);
  return { ...params, ...Object.fromEntries([...moments('m', m), ...moments('v', v)]) };
}

/** The state among the tensors of a step. */
export function stateOf(tensors: tf.NamedTensorMap): LatentStepState {
  const names = Object.keys(tensors).filter((name) => `m/${name}` in tensors);
  return {
    coordinates: tensors.coordinates!,
    adam: {
      m: names.map((name) => tensors[`m/${name}`]!),
      v: names.map((name) => tensors[`v/${name}`]!),
    },
    noise: takePrefix('noise/', tensors) as Record<string, tf.Tensor2D>,
  };
}

/**
 * One step as a function of tensors alone: losses and gradients, then Adam. Gives the new state, `losses` *before* the
 * update as in {@link Evaluation}, and `gradient`, that in the coordinates.
 */
export function latentStep(
  { objective, noiseUse, ...options }: LatentStepOptions,
  { active }: StepSchedule,
): StepFunction {
  const optimizer = adam(options.adam);
  return (inputs) => {
    const { coordinates, adam: state, noise } = stateOf(inputs);
    const { losses, gradient, noiseGradients } = objective.evaluate(coordinates, {
      weights: inputs.weights as tf.Tensor2D,
      active,
      frame: takePrefix('frame/', inputs),
      latentNoise: inputs.latentNoise,
      noise,
      noiseUse,
    });
    const trained = noiseUse === 'train' ? noise : {};
    const { params, state: next } = optimizer.update(
      [coordinates, ...Object.values(trained)],
      [gradient, ...noiseGradients],
      state,
      { size: inputs.size!, root: inputs.root! },
    );
    const maps = Object.keys(trained).map((name, i) => [name, normalizeNoise(params[i + 1] as tf.Tensor2D)]);
    const after = { coordinates: params[0]!, adam: next, noise: Object.fromEntries(maps) };
    return { losses, gradient, ...stateTensors(after) };
  };
}
