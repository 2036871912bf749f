import { tidyAll } from '@faceanim/tensor';
import * as tf from '@tensorflow/tfjs-core';
import type { HostTensors } from '../optimizers/optimizer';
import { checkState } from './check-optimizer';
import { frameTensors, type LatentStepOptions, latentStep, scheduleAt, toTensors } from './latent-step';

/** Options of a step, and the start of the frame or batch of frames. */
export interface LatentStartOptions extends LatentStepOptions {
  /** Coordinates in the latent space at the start, `[layers, dimensions]` for each frame of the batch. */
  start: Float32Array;
  /** Noise maps `[height, width]` by layer name. Default: none; synthesis uses those of the checkpoint. */
  noise?: HostTensors;
  /** Optimizer state of an earlier frame, from {@link OptimizedLatent.carriedOver}. Default: none. */
  carriedOver?: HostTensors;
}

/** State of the optimisation of a frame or batch. */
export interface LatentState {
  /** Number of steps taken. */
  readonly step: number;
  /** `coordinates` `[batch, layers, dimensions]`, `noise/NAME` for each noise map, `state/NAME` of the optimizer. */
  readonly tensors: Readonly<tf.NamedTensorMap>;
}

/** The values of the {@link LatentState} before the first step. */
export function startArrays(options: LatentStartOptions): HostTensors {
  const { objective, optimizer, noise = {}, noiseUse } = options;
  const shape = shapeOf(options);
  const coordinates = { shape, data: options.start };
  const carriedOver = options.carriedOver && batchOf(options.carriedOver, shape[0]);
  const maps = prefixed('noise/', noise);
  const params = noiseUse === 'train' ? { coordinates, ...maps } : { coordinates };
  const first = { params, terms: objective.names.length, carriedOver };
  const state = optimizer.init(first);
  checkState(optimizer, state, first);
  return { coordinates, ...maps, ...prefixed('state/', state) };
}

/** `[batch, layers, dimensions]`. */
export function shapeOf({ start, space }: LatentStartOptions): [number, number, number] {
  return [start.length / (space.shape[0] * space.shape[1]), ...space.shape];
}

/** The state before the first step. The caller owns its tensors. */
export function startState(options: LatentStartOptions): LatentState {
  return { step: 0, tensors: toTensors(startArrays(options)) };
}

/**
 * A single step of {@link optimizeLatents}, without a program. Returns the new state, the losses *before* the update, as in
 * {@link Evaluation}, and the gradient with respect to the coordinates. The caller owns all tensors.
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

/** Repeats the arrays of one frame for each frame of a batch. */
function batchOf(arrays: HostTensors, batch: number): HostTensors {
  const stacks = Object.entries(arrays).map(([name, { shape, data }]) => {
    const all = new Float32Array(batch * data.length);
    for (let i = 0; i < batch; i++) all.set(data, i * data.length);
    return [name, { shape: [batch, ...shape], data: all }];
  });
  return Object.fromEntries(stacks);
}

function prefixed(prefix: string, arrays: HostTensors): HostTensors {
  return Object.fromEntries(Object.entries(arrays).map(([name, array]) => [prefix + name, array]));
}
