import { addPrefix, mapTensors, type RandomState, type StepFunction, takePrefix } from '@faceanim/tensor';
import * as tf from '@tensorflow/tfjs-core';
import type { LatentSpace } from '../latents/latent-space';
import { normalizeNoise } from '../losses/noise-maps';
import type { HostTensors, Optimizer } from '../optimizers/optimizer';
import { checkStep } from './check-optimizer';
import type { Drawn, NoiseUse } from './evaluation';
import type { Objective } from './objective';

/** Everything that determines a step, apart from the tensors it starts with. */
export interface LatentStepOptions {
  objective: Objective;
  space: LatentSpace;
  optimizer: Optimizer;
  /** Number of steps of the frame. */
  steps: number;
  /** Index of the (first) frame in its shot. Default 0. */
  frame?: number;
  /** Random numbers of the frame, for latent noise. */
  random: RandomState;
  /** How noise maps are used; trained ones are normalised after every step. Default `fixed`. */
  noiseUse?: NoiseUse;
  /**
   * Makes further outputs of a step, as new tensors: of the images that it has drawn, before its update, and of the coordinates
   * after it.
   */
  outputs?(drawn: Drawn, coordinates: tf.Tensor): tf.NamedTensorMap;
}

/** The scheduled values of a step, which do not depend on the results of earlier steps. */
export interface StepSchedule {
  /** Weights of the terms. */
  readonly weights: Float32Array;
  /** Whether the weight of each term is not 0. */
  readonly active: readonly boolean[];
  /** Inputs of the step by name: the weights, and the inputs of the optimizer. */
  readonly inputs: HostTensors;
}

/**
 * Evaluates the schedules at a step, for coordinates of some shape. Call it once per step and in order, since the optimizer
 * may draw random numbers.
 */
export function scheduleAt(options: LatentStepOptions, shape: readonly number[], step: number): StepSchedule {
  const { objective, space, optimizer, steps, frame = 0, random } = options;
  const weightsAt = (step: number) => Float32Array.from(objective.weights({ step, steps }));
  const weights = weightsAt(step);
  const inputs = optimizer.inputs?.({
    ...{ frame, step, steps, shape, space, weights, random },
    weightsBefore: step > 0 ? weightsAt(step - 1) : undefined,
  });
  const named = Object.entries(inputs ?? {}).map(([name, value]) => [`inputs/${name}`, value]);
  return {
    weights,
    active: [...weights].map((weight) => weight !== 0),
    inputs: { weights: { shape: [weights.length, 1], data: weights }, ...Object.fromEntries(named) },
  };
}

/**
 * A key for the program of a step: equal for steps that are the same function, of inputs of the same shapes.
 *
 * @param state coordinates, noise maps and optimizer state.
 */
export function structureOf(
  { objective, noiseUse }: LatentStepOptions,
  { active, inputs }: StepSchedule,
  state: HostTensors,
): string {
  const shapes = Object.entries({ ...state, ...inputs }).map(([name, { shape }]) => [name, shape]);
  return JSON.stringify([objective.structure, noiseUse, active, shapes]);
}

/** The tensors of the frame by their names in a step; they belong to the objective. */
export function frameTensors({ objective }: LatentStepOptions): tf.NamedTensorMap {
  return addPrefix('frame/', objective.inputs);
}

/**
 * One step of any optimizer as a function of tensors: evaluates losses and gradients at `coordinates` and `noise/NAME`, then
 * updates these and the optimizer state `state/NAME`. Returns the new values, without noise maps that are not trained, and
 * `losses` and `gradient` *before* the update, as in {@link Evaluation}.
 */
export function latentStep(
  { objective, optimizer, noiseUse, outputs }: LatentStepOptions,
  { active }: StepSchedule,
): StepFunction {
  return (tensors) => {
    const [coordinates, weights] = [tensors.coordinates!, tensors.weights as tf.Tensor2D];
    const [noise, inputs] = [takePrefix('noise/', tensors), takePrefix('inputs/', tensors)];
    const { losses, gradient, noiseGradients, coupled, drawn } = objective.evaluate(coordinates, {
      weights,
      active,
      frame: takePrefix('frame/', tensors),
      latentNoise: inputs.latentNoise,
      noise: noise as Record<string, tf.Tensor2D>,
      noiseUse,
      drawn: outputs !== undefined,
    });
    try {
      const trained = noiseUse === 'train' ? addPrefix('noise/', noise) : {};
      const gradients = Object.keys(trained).map((name, i) => [name, noiseGradients[i]!]);
      const before = { params: { coordinates, ...trained }, state: takePrefix('state/', tensors) };
      const after = optimizer.step({
        ...before,
        gradients: { coordinates: gradient, ...Object.fromEntries(gradients) },
        ...{ losses, weights, coupled, inputs },
      });
      checkStep(optimizer, before, after);
      const { coordinates: next, ...maps } = after.params;
      return {
        ...(drawn && outputs?.(drawn, next!)),
        ...{ losses, gradient, coordinates: next! },
        ...mapTensors(maps, (map) => normalizeNoise(map as tf.Tensor2D)),
        ...addPrefix('state/', after.state),
      };
    } finally {
      tf.dispose({ ...drawn });
    }
  };
}
