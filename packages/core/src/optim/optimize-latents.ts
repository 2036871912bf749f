import { FaceanimError, pause, type StepProgram, throwIfAborted, tidyAll } from '@faceanim/tensor';
import * as tf from '@tensorflow/tfjs-core';
import type { StopReason } from '../contracts/frames';
import type { NoiseMaps } from '../contracts/generator';
import { adam } from './adam';
import {
  frameTensors,
  type LatentStepOptions,
  type LatentStepState,
  latentStep,
  type StepSchedule,
  scheduleAt,
  stateOf,
  stateTensors,
  structureOf,
  tensorsOf,
} from './latent-step';
import {
  checkMatrixSize,
  haveJumped,
  quasiNewtonNames,
  quasiNewtonStep,
  quasiNewtonTensors,
  restarted,
} from './quasi-newton-step';
import { learningRateAt } from './schedules';
import { type StepPrograms, stepPrograms } from './step-programs';

/** State of the optimisation of one frame or batch: values only, so that it can be kept, saved and resumed. */
export interface OptimizerState extends LatentStepState {
  /** Steps taken. */
  readonly step: number;
}

/** Disposes all tensors of a state. */
export function disposeState(state: OptimizerState): void {
  tf.dispose(stateTensors(state));
}

/** When to stop before the last step. */
export interface EarlyStopping {
  /** Steps without progress after which it stops. */
  patience: number;
  /** Relative decrease of the total, summed over the frames of a batch, that counts as progress. */
  tolerance: number;
  /** Share of the steps before which it never stops: weights may still be rising. Default 0.5. */
  after?: number;
}

/** Options of {@link optimizeLatents}. */
export interface OptimizeLatentsOptions extends LatentStepOptions {
  /** Where to start: coordinates in the latent space, `[layers, dimensions]` of every frame of the batch. */
  start: Float32Array;
  /** Of `quasi-newton`: what an earlier frame found, `curvature` of its {@link OptimizedLatent}. Default: nothing. */
  curvature?: Float32Array;
  /** Noise maps by layer name; copied. Default none: synthesis takes those of the checkpoint. */
  noise?: NoiseMaps;
  /** Default: none. */
  earlyStopping?: EarlyStopping;
  /** Losses are read back every so many steps, and at the last: reading stalls a GPU. Default 1. */
  readEvery?: number;
  /** Programs of the frames before, where they belong to the same run. Default: none are shared. */
  programs?: StepPrograms;
  /** Indices of the frames in the driver, for errors. Default 0, 1 and so on. */
  frames?: readonly number[];
  signal?: AbortSignal;
  /** Called when losses were read, with their mean over the frames. */
  onStep?: (at: { step: number; losses: Record<string, number>; learningRate: number }) => void;
}

/** What {@link optimizeLatents} found for one frame. */
export interface OptimizedLatent {
  /** Coordinates in the latent space, `[layers, dimensions]`. */
  readonly coordinates: Float32Array;
  /** Noise maps by layer name, the same for all frames of a batch. */
  readonly noise: Record<string, Float32Array>;
  readonly losses: Record<string, number>;
  readonly history: { step: number; total: number }[];
  readonly steps: number;
  readonly stopReason: StopReason;
  /** The inverse Hessian `[n, n]` that `quasi-newton` found, for later frames to start with. */
  readonly curvature?: Float32Array;
}

/** The state before the first step. The caller owns its tensors. */
export function startState(options: OptimizeLatentsOptions): OptimizerState {
  const { start, noise = {}, noiseUse } = options;
  return tidyAll(() => {
    const coordinates = tf.tensor(start, shapeOf(options));
    const maps = Object.fromEntries(Object.entries(noise).map(([name, map]) => [name, tf.clone(map)]));
    const trained = noiseUse === 'train' ? Object.values(maps) : [];
    return { step: 0, coordinates, noise: maps, adam: adam().init([coordinates, ...trained]) };
  });
}

/**
 * One step of {@link optimizeLatents} by itself, operation by operation. Returns the new state, the losses *before* the
 * update, as in {@link Evaluation}, and the gradient in the coordinates; the caller owns all.
 */
export function stepLatent(
  state: OptimizerState,
  options: OptimizeLatentsOptions,
): { state: OptimizerState; losses: tf.Tensor2D; gradient: tf.Tensor } {
  return tidyAll(() => {
    const schedule = scheduleAt(options, state.coordinates.shape, state.step);
    const inputs = { ...stateTensors(state), ...frameTensors(options), ...tensorsOf(schedule) };
    const { losses, gradient, ...rest } = latentStep(options, schedule)(inputs);
    const next = stateOf(rest);
    const noise = Object.entries(state.noise).map(([name, map]) => [name, next.noise[name] ?? tf.clone(map)]);
    return {
      state: { ...next, noise: Object.fromEntries(noise), step: state.step + 1 },
      losses: losses as tf.Tensor2D,
      gradient: gradient!,
    };
  });
}

/**
 * Optimises a frame, or a batch of consecutive frames together: Adam on the coordinates (and the noise maps), or
 * quasi-Newton steps on the coordinates. Gives one result per frame.
 *
 * The step runs as a program, of which there is one for every set of terms that have a weight; see {@link stepPrograms}.
 *
 * @throws {FaceanimError} `diverged` with frame and step when the objective of a frame is no number or has grown to a
 *   thousand times what its terms were when each first had a weight, weighed as they are now; `invalid-option` for
 *   quasi-Newton steps on thousands of coordinates; `aborted`. No tensor is left behind.
 */
export async function optimizeLatents(options: OptimizeLatentsOptions): Promise<OptimizedLatent[]> {
  const { objective, steps, earlyStopping, readEvery = 1, signal, onStep } = options;
  const [batch, ...shape] = shapeOf(options);
  const size = tf.util.sizeFromShape(shape);
  const quasi = options.optimizer === 'quasi-newton';
  const frames = Array.from({ length: batch! }, (_, i) => ({
    index: options.frames?.[i] ?? i,
    losses: {} as Record<string, number>,
    history: [] as { step: number; total: number }[],
    /** How large every term was when it first had a weight. */
    first: objective.names.map(() => 0),
  }));
  let stopReason: StopReason = 'steps';
  /** The last step that brought progress, and what the terms were at it. */
  let best: { step: number; terms: number[] } | undefined;
  let lastPause = performance.now();
  if (quasi) checkMatrixSize(size, batch!);
  using run = openRun(options);
  let step = 0;
  for (; step < steps && stopReason === 'steps'; step++) {
    throwIfAborted(signal, { frame: frames[0]!.index, step });
    const weights = run.step(step);
    if (step % readEvery === 0 || step === steps - 1) {
      const values = await run.read('losses');
      for (const [i, one] of frames.entries()) {
        one.losses = named(
          objective.names,
          values.filter((_, k) => k % batch! === i),
        );
        const total = one.losses.total!;
        one.first = one.first.map((value, k) => value || Math.abs(one.losses[objective.names[k]!]!));
        checkTotal(total, weightedSum(weights, one.first), { frame: one.index, step });
        one.history.push({ step, total });
      }
      const losses = meanLosses(frames);
      onStep?.({ step, losses, learningRate: learningRateAt(options.learningRate, step, steps) });
      if (earlyStopping && step >= steps * (earlyStopping.after ?? 0.5)) {
        const terms = objective.names.map((name) => losses[name]!);
        // Weighed as they are now: a weight that has risen is no step back.
        const before = best?.terms.map((value, k) => value || terms[k]!);
        const progress =
          !before || losses.total! < weightedSum(weights, before) * (1 - earlyStopping.tolerance);
        best = progress ? { step, terms } : { step: best!.step, terms: before };
        if (step - best.step >= earlyStopping.patience) stopReason = 'early-stopping';
      }
    }
    // Long steps on a CPU would keep timers, signals and the page waiting.
    if (performance.now() - lastPause > 30) {
      await pause();
      lastPause = performance.now();
    }
  }
  const all = await run.read(quasi ? quasiNewtonNames.best : 'coordinates');
  const curvature = quasi && (await run.read(quasiNewtonNames.curvature));
  const noise: Record<string, Float32Array> = {};
  for (const name of Object.keys(options.noise ?? {})) noise[name] = await run.read(`noise/${name}`);
  return frames.map(({ index, losses, history }, i) => {
    const coordinates = all.slice(i * size, (i + 1) * size);
    if (!coordinates.every(Number.isFinite))
      throw diverged('The latent is no number any more', { frame: index, step });
    return {
      coordinates,
      noise,
      losses,
      history,
      steps: step,
      stopReason,
      ...(curvature && { curvature: curvature.slice(i * size ** 2, (i + 1) * size ** 2) }),
    };
  });
}

/** `[batch, layers, dimensions]`. */
function shapeOf({ start, space }: OptimizeLatentsOptions): number[] {
  return [start.length / (space.shape[0] * space.shape[1]), ...space.shape];
}

/** The steps of one frame, each by the program of its structure; the state goes from program to program. */
function openRun(options: OptimizeLatentsOptions) {
  const programs = options.programs ?? stepPrograms();
  const shape = shapeOf(options);
  let names: string[] = [];
  let current: { structure: string; program: StepProgram } | undefined;
  let weights: Float32Array | undefined;
  const quasi = options.optimizer === 'quasi-newton';
  const startTensors = () =>
    quasi
      ? quasiNewtonTensors(options, options.start, shape, options.curvature)
      : stateTensors(startState(options));

  const open = (structure: string, schedule: StepSchedule): StepProgram => {
    const start = current ? undefined : startTensors();
    if (start) names = Object.keys(start);
    const state = start ?? Object.fromEntries(names.map((name) => [name, current!.program.tensor(name)]));
    const scheduled = tensorsOf(schedule);
    try {
      const inputs = { ...state, ...frameTensors(options), ...scheduled };
      return programs.open(structure, (quasi ? quasiNewtonStep : latentStep)(options, schedule), inputs);
    } finally {
      tf.dispose([scheduled, start ?? {}]);
    }
  };

  return {
    /** Takes a step and returns the weights of its terms. */
    step(step: number): Float32Array {
      const schedule = scheduleAt(options, shape, step);
      const structure = structureOf(options, schedule);
      if (structure === current?.structure) {
        for (const [name, { data }] of Object.entries(schedule.inputs)) current.program.write(name, data);
      } else {
        current = { structure, program: open(structure, schedule) };
      }
      const now = schedule.inputs.weights!.data;
      if (quasi && (!weights || haveJumped(now, weights))) writeAll(current.program, restarted(shape));
      weights = now;
      current.program.run();
      return now;
    },
    read: (name: string): Promise<Float32Array> => current!.program.read(name),
    [Symbol.dispose]: () => {
      if (programs !== options.programs) programs[Symbol.dispose]();
    },
  };
}

/** Writes tensors to the inputs of their names and disposes them. */
function writeAll(program: StepProgram, tensors: tf.NamedTensorMap): void {
  for (const [name, tensor] of Object.entries(tensors)) program.write(name, tensor);
  tf.dispose(tensors);
}

function named(names: readonly string[], values: ArrayLike<number>): Record<string, number> {
  return Object.fromEntries([...names, 'total'].map((name, i) => [name, values[i]!]));
}

/** Losses averaged over frames. */
function meanLosses(frames: readonly { losses: Record<string, number> }[]): Record<string, number> {
  const mean = (name: string) => frames.reduce((sum, { losses }) => sum + losses[name]!, 0) / frames.length;
  return Object.fromEntries(Object.keys(frames[0]!.losses).map((name) => [name, mean(name)]));
}

function weightedSum(weights: ArrayLike<number>, values: readonly number[]): number {
  return values.reduce((sum, value, i) => sum + weights[i]! * value, 0);
}

/** @param first what the terms were when each first had a weight, as they are weighed now. */
function checkTotal(total: number, first: number, at: { frame: number; step: number }): void {
  if (!Number.isFinite(total)) throw diverged(`The objective is ${total}`, at);
  if (total > 1000 * Math.max(first, 1e-3)) {
    throw diverged(`The objective rose from ${first.toPrecision(3)} to ${total.toPrecision(3)}`, at);
  }
}

function diverged(what: string, at: { frame: number; step: number }): FaceanimError {
  return new FaceanimError('diverged', `${what} (frame ${at.frame}, step ${at.step}).`, {
    ...at,
    hint: 'Lower the learning rate or the weight of the term that grew, and check that the weights are those of the network.',
  });
}
