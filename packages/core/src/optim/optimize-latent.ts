import * as tf from '@tensorflow/tfjs-core';
import type { StopReason } from '../contracts/frames';
import type { NoiseMaps } from '../contracts/generator';
import { FaceanimError, throwIfAborted } from '../errors';
import { normalizeNoise } from '../tensor/noise';
import type { RandomState } from '../tensor/rng';
import { tidyAll } from '../tensor/tidy';
import { type AdamOptions, type AdamState, adam } from './adam';
import type { LatentSpace } from './latent-space';
import type { NoiseUse, Objective } from './objective';
import {
  type LatentNoiseSchedule,
  type LearningRateSchedule,
  latentNoiseAt,
  learningRateAt,
} from './schedules';

/** State of the optimisation of one frame: values only, so that it can be kept, saved and resumed. */
export interface OptimizerState {
  /** Steps taken. */
  readonly step: number;
  /** Coordinates in the latent space. */
  readonly coordinates: tf.Tensor;
  readonly adam: AdamState;
  /** Noise maps by layer name, where they are optimised or counted; else empty. */
  readonly noise: NoiseMaps;
}

/** Disposes all tensors of a state. */
export function disposeState(state: OptimizerState): void {
  tf.dispose([state.coordinates, ...state.adam.m, ...state.adam.v, ...Object.values(state.noise)]);
}

/** When to stop before the last step. */
export interface Plateau {
  /** Steps without progress after which it stops. */
  patience: number;
  /** Relative decrease of the total that counts as progress. */
  tolerance: number;
  /** Share of the steps before which it never stops: weights may still be rising. Default 0.5. */
  after?: number;
}

/** Options of {@link optimizeLatent}. */
export interface OptimizeLatentOptions {
  objective: Objective;
  space: LatentSpace;
  /** Where to start: coordinates in the latent space. */
  start: Float32Array;
  steps: number;
  learningRate: LearningRateSchedule;
  /** Default: those of the paper. */
  adam?: AdamOptions;
  /** Default: none. */
  latentNoise?: LatentNoiseSchedule;
  /** Needed by latent noise. */
  random?: RandomState;
  /** Noise maps by layer name; copied. Default none: synthesis takes those of the checkpoint. */
  noise?: NoiseMaps;
  /** What the noise maps are for; trained ones are normalised after every step. Default `fixed`. */
  noiseUse?: NoiseUse;
  /** Default: none. */
  plateau?: Plateau;
  /** Losses are read back every so many steps, and at the last: reading stalls a GPU. Default 1. */
  readEvery?: number;
  /** Index of the frame, for errors. */
  frame?: number;
  signal?: AbortSignal;
  /** Called when losses were read. */
  onStep?: (at: { step: number; losses: Record<string, number>; learningRate: number }) => void;
}

/** What {@link optimizeLatent} found. */
export interface OptimizedLatent {
  readonly coordinates: Float32Array;
  readonly noise: Record<string, Float32Array>;
  readonly losses: Record<string, number>;
  readonly history: { step: number; total: number }[];
  readonly steps: number;
  readonly stopReason: StopReason;
}

/** The state before the first step. The caller owns its tensors. */
export function startState({ space, start, noise = {}, noiseUse }: OptimizeLatentOptions): OptimizerState {
  return tidyAll(() => {
    const coordinates = tf.tensor2d(start, space.shape as [number, number]);
    const maps = Object.fromEntries(Object.entries(noise).map(([name, map]) => [name, tf.clone(map)]));
    const trained = noiseUse === 'train' ? Object.values(maps) : [];
    return { step: 0, coordinates, noise: maps, adam: adam().init([coordinates, ...trained]) };
  });
}

/**
 * One step: losses and gradients at the state, then Adam. Returns the new state, which the caller owns, and the losses
 * *before* the update.
 */
export function stepLatent(
  state: OptimizerState,
  options: OptimizeLatentOptions,
): { state: OptimizerState; losses: tf.Tensor1D; gradient: tf.Tensor } {
  const { objective, space, steps, learningRate, latentNoise, random, noiseUse } = options;
  const trainNoise = noiseUse === 'train';
  const { step } = state;
  return tidyAll(() => {
    // Drawn even where the factor has faded to 0, so that the random stream does not depend on the schedule.
    const draw = latentNoise && random ? random.randn(space.shape[0] * space.shape[1]) : undefined;
    const scale = latentNoise ? latentNoiseAt(latentNoise, step, steps) * space.std : 0;
    const { losses, gradient, noiseGradients } = objective.evaluate(
      state.coordinates,
      {
        latentNoise:
          draw && scale > 0
            ? tf.tensor2d(
                Float32Array.from(draw, (x) => x * scale),
                space.shape as [number, number],
              )
            : undefined,
        noise: state.noise,
        noiseUse,
      },
      { step, steps },
    );
    const names = Object.keys(state.noise);
    const { params, state: next } = adam(options.adam).update(
      [state.coordinates, ...(trainNoise ? Object.values(state.noise) : [])],
      [gradient, ...noiseGradients],
      state.adam,
      learningRateAt(learningRate, step, steps),
    );
    const noise = trainNoise
      ? Object.fromEntries(names.map((name, i) => [name, normalizeNoise(params[i + 1] as tf.Tensor2D)]))
      : Object.fromEntries(names.map((name) => [name, tf.clone(state.noise[name]!)]));
    return { state: { step: step + 1, coordinates: params[0]!, adam: next, noise }, losses, gradient };
  });
}

/**
 * Optimises one frame: Adam on the coordinates (and the noise maps) for `steps` steps.
 *
 * @throws {FaceanimError} `diverged` with frame and step when the objective is no number or has grown a thousandfold;
 *   `aborted`. No tensor is left behind.
 */
export async function optimizeLatent(options: OptimizeLatentOptions): Promise<OptimizedLatent> {
  const { objective, steps, plateau, readEvery = 1, frame, signal, onStep } = options;
  const history: { step: number; total: number }[] = [];
  let losses: Record<string, number> = {};
  let stopReason: StopReason = 'steps';
  let best = { step: 0, total: Number.POSITIVE_INFINITY };
  let lastPause = performance.now();
  let state = startState(options);
  try {
    while (state.step < steps && stopReason === 'steps') {
      throwIfAborted(signal, { frame, step: state.step });
      const { step } = state;
      const result = stepLatent(state, options);
      disposeState(state);
      state = result.state;
      result.gradient.dispose();
      if (step % readEvery === 0 || step === steps - 1) {
        losses = named(objective.names, await read(result.losses));
        const total = losses.total!;
        checkTotal(total, history[0]?.total, { frame, step });
        history.push({ step, total });
        onStep?.({ step, losses, learningRate: learningRateAt(options.learningRate, step, steps) });
        if (plateau && step >= steps * (plateau.after ?? 0.5)) {
          if (total < best.total * (1 - plateau.tolerance)) best = { step, total };
          if (step - best.step >= plateau.patience) stopReason = 'plateau';
        }
      } else {
        result.losses.dispose();
      }
      // Long steps on a CPU would keep timers, signals and the page waiting.
      if (performance.now() - lastPause > 30) {
        await new Promise((resolve) => setTimeout(resolve, 0));
        lastPause = performance.now();
      }
    }
    const coordinates = (await state.coordinates.data()) as Float32Array;
    if (!coordinates.every(Number.isFinite))
      throw diverged('The latent is no number any more', { frame, step: state.step });
    const noise: Record<string, Float32Array> = {};
    for (const [name, map] of Object.entries(state.noise)) noise[name] = (await map.data()) as Float32Array;
    return { coordinates, noise, losses, history, steps: state.step, stopReason };
  } finally {
    disposeState(state);
  }
}

/** The values of a tensor, which is disposed. */
async function read(tensor: tf.Tensor): Promise<Float32Array> {
  try {
    return (await tensor.data()) as Float32Array;
  } finally {
    tensor.dispose();
  }
}

function named(names: readonly string[], values: ArrayLike<number>): Record<string, number> {
  return Object.fromEntries([...names, 'total'].map((name, i) => [name, values[i]!]));
}

function checkTotal(total: number, first: number | undefined, at: { frame?: number; step: number }): void {
  if (!Number.isFinite(total)) throw diverged(`The objective is ${total}`, at);
  if (first !== undefined && total > 1000 * Math.max(first, 1e-3)) {
    throw diverged(`The objective rose from ${first.toPrecision(3)} to ${total.toPrecision(3)}`, at);
  }
}

function diverged(what: string, at: { frame?: number; step: number }): FaceanimError {
  return new FaceanimError('diverged', `${what} (frame ${at.frame ?? 0}, step ${at.step}).`, {
    ...at,
    hint: 'Lower the learning rate or the weight of the term that grew, and check that the weights are those of the network.',
  });
}
