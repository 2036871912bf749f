import { tidyAll } from '@faceanim/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { type LatentStartOptions, startArrays } from '../../src/optimization/latent-start';
import {
  frameTensors,
  type LatentStepOptions,
  latentStep,
  scheduleAt,
} from '../../src/optimization/latent-step';
import type { HostTensors } from '../../src/optimizers/optimizer';

/** State of the optimisation of a frame or batch. */
export interface LatentState {
  /** Number of steps taken. */
  readonly step: number;
  /** `coordinates` `[batch, layers, dimensions]`, `noise/NAME` for each noise map, `state/NAME` of the optimizer. */
  readonly tensors: Readonly<tf.NamedTensorMap>;
}

/** The state before the first step. The caller owns its tensors. */
export function startState(options: LatentStartOptions): LatentState {
  return { step: 0, tensors: toTensors(startArrays(options)) };
}

/**
 * A single step of `optimizeLatents`, without a program. Returns the new state, the losses *before* the update, as in
 * `Evaluation`, and the gradient with respect to the coordinates. The caller owns all tensors.
 */
export function stepLatent(
  { step, tensors }: LatentState,
  options: LatentStepOptions,
): { state: LatentState; losses: tf.Tensor2D; gradient: tf.Tensor } {
  return tidyAll(() => {
    const schedule = scheduleAt(options, tensors.coordinates!.shape, step);
    const inputs = { ...tensors, ...frameTensors(options), ...toTensors(schedule.inputs) };
    const { losses, gradient, ...next } = latentStep(options, schedule)(inputs);
    const all = Object.entries(tensors).map(([name, tensor]) => [name, next[name] ?? tf.clone(tensor)]);
    return {
      state: { step: step + 1, tensors: Object.fromEntries(all) },
      losses: losses as tf.Tensor2D,
      gradient: gradient!,
    };
  });
}

/** Arrays as tensors. The caller disposes them. */
function toTensors(arrays: HostTensors): tf.NamedTensorMap {
  const tensors = Object.entries(arrays).map(([name, { data, shape }]) => [
    name,
    tf.tensor(data, [...shape]),
  ]);
  return Object.fromEntries(tensors);
}
