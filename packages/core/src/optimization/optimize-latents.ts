import { type HostTensor, pause, type StepProgram, throwIfAborted } from '@faceanim/tensor';
import * as tf from '@tensorflow/tfjs-core';
import type { StopReason } from '../contracts/frames';
import type { HostTensors } from '../optimizers/optimizer';
import { checkProblem } from './check-optimizer';
import { type EarlyStopping, earlyStopping } from './early-stopping';
import { diverged, type FrameRecord, frameRecord } from './frame-record';
import { type LatentStartOptions, shapeOf, startArrays } from './latent-start';
import { frameTensors, latentStep, type StepSchedule, scheduleAt, structureOf } from './latent-step';
import { type StepPrograms, stepPrograms } from './step-programs';

/** Options of {@link optimizeLatents}. */
export interface OptimizeLatentsOptions extends LatentStartOptions {
  /** When to stop early. Default: never. */
  earlyStopping?: EarlyStopping;
  /** Losses are read back every this many steps and at the last step, since reading stalls a GPU. Default 1. */
  readEvery?: number;
  /** Step programs shared with other frames of the same run. Default: not shared. */
  programs?: StepPrograms;
  /** Indices of the frames in the driver, for errors. Default: 0, 1, and so on. */
  driverFrames?: readonly number[];
  signal?: AbortSignal;
  /** Called whenever losses were read, with their mean over the frames. */
  onStep?: (at: { step: number; losses: Record<string, number> }) => void;
}

/** The result of {@link optimizeLatents} for one frame. */
export interface OptimizedLatent {
  /** Coordinates in the latent space, `[layers, dimensions]`. */
  readonly coordinates: Float32Array;
  /** Noise maps by layer name, shared by the frames of a batch. */
  readonly noise: Record<string, Float32Array>;
  /** Loss terms before weighting, and `total`, their weighted sum. */
  readonly losses: Readonly<Record<string, number>>;
  /** `total` at the steps at which losses were read, oldest first. */
  readonly history: readonly { readonly step: number; readonly total: number }[];
  /** Number of steps taken. */
  readonly steps: number;
  readonly stopReason: StopReason;
  /** Optimizer state for later frames, by the names in `Optimizer.carryOver`. */
  readonly carriedOver: HostTensors;
}

/**
 * Optimises a frame, or a batch of consecutive frames together. Returns one result per frame.
 *
 * Steps run as programs, one for each set of terms with a weight; see {@link stepPrograms}.
 *
 * @throws {FaceanimError} `diverged` with frame and step if the objective of a frame is not finite, or has grown to a thousand
 *   times its start (each term as of its first weight, under the current weights); `invalid-option` if the optimizer
 *   cannot solve the problem; `aborted`. No tensors are leaked.
 */
export async function optimizeLatents(options: OptimizeLatentsOptions): Promise<OptimizedLatent[]> {
  const { objective, optimizer, steps, noiseUse, readEvery = 1, signal, onStep } = options;
  const [batch, ...shape] = shapeOf(options);
  const size = tf.util.sizeFromShape(shape);
  checkProblem(optimizer, { coordinates: size, frames: batch }, noiseUse === 'train');
  const frames = Array.from({ length: batch }, (_, i) =>
    frameRecord(options.driverFrames?.[i] ?? i, objective.names),
  );
  const stops = options.earlyStopping && earlyStopping(options.earlyStopping);
  const { best } = optimizer;
  let stopReason: StopReason = 'steps';
  let lastPause = performance.now();
  using run = openSteps(options);
  let step = 0;
  for (; step < steps && stopReason === 'steps'; step++) {
    throwIfAborted(signal, { frame: frames[0]!.index, step });
    const weights = run.step(step);
    if (step % readEvery === 0 || step === steps - 1) {
      const values = await run.read(best ? `state/${best.losses}` : 'losses');
      for (const [i, frame] of frames.entries()) {
        frame.add(step, [...values.filter((_, k) => k % batch === i)], weights);
      }
      const losses = meanLosses(frames);
      onStep?.({ step, losses });
      const terms = objective.names.map((name) => losses[name]!);
      if (stops?.({ step, steps, terms, total: losses.total!, weights })) stopReason = 'early-stopping';
    }
    // On a CPU, long steps would block timers, signals and the page.
    if (performance.now() - lastPause > 30) {
      await pause();
      lastPause = performance.now();
    }
  }
  // All at once: a GPU takes about as long to answer one read as several.
  const [all, noise, carriedOver] = await Promise.all([
    run.read(best ? `state/${best.coordinates}` : 'coordinates'),
    readNamed(Object.keys(options.noise ?? {}), (name) => run.read(`noise/${name}`)),
    readPerFrame(run, optimizer.carryOver ?? [], batch),
  ]);
  return frames.map(({ index, losses, history }, i) => {
    const coordinates = all.slice(i * size, (i + 1) * size);
    if (!coordinates.every(Number.isFinite))
      throw diverged('The latent is not finite', { frame: index, step });
    return { coordinates, noise, losses, history, steps: step, stopReason, carriedOver: carriedOver[i]! };
  });
}

/** Options of {@link openSteps}. */
export interface StepsOptions extends LatentStartOptions {
  programs?: StepPrograms;
  /** The program of the frame before, from whose state `carryOver` of the optimizer is copied. Default: `carriedOver`. */
  before?: StepProgram;
}

/** Runs the steps of one frame, each by the program of its structure. The state moves from program to program. */
export function openSteps(options: StepsOptions) {
  const programs = options.programs ?? stepPrograms();
  const shape = shapeOf(options);
  const start = startArrays(options);
  const carried = (options.optimizer.carryOver ?? []).map((name) => `state/${name}`);
  let current: { structure: string; program: StepProgram } | undefined;

  const open = (structure: string, schedule: StepSchedule): StepProgram => {
    const from = current?.program ?? options.before;
    const names = current ? Object.keys(start) : options.before ? carried : [];
    const kept = Object.fromEntries(names.map((name) => [name, from!.tensor(name)]));
    const inputs = { ...omit(start, names), ...kept, ...frameTensors(options), ...schedule.inputs };
    return programs.open(structure, latentStep(options, schedule), inputs);
  };

  return {
    start,
    /** The program of the last step. */
    get program(): StepProgram | undefined {
      return current?.program;
    },
    /** Takes a step and returns the weights of its terms. */
    step(step: number): Float32Array {
      const schedule = scheduleAt(options, shape, step);
      const structure = structureOf(options, schedule, start);
      if (structure === current?.structure) {
        for (const [name, { data }] of Object.entries(schedule.inputs)) current.program.write(name, data);
      } else {
        current = { structure, program: open(structure, schedule) };
      }
      current.program.run();
      return schedule.weights;
    },
    read: (name: string): Promise<Float32Array> => current!.program.read(name),
    [Symbol.dispose]: () => {
      if (programs !== options.programs) programs[Symbol.dispose]();
    },
  };
}

function omit(arrays: HostTensors, names: readonly string[]): HostTensors {
  return Object.fromEntries(Object.entries(arrays).filter(([name]) => !names.includes(name)));
}

/** Reads arrays by name. */
async function readNamed(
  names: readonly string[],
  read: (name: string) => Promise<Float32Array>,
): Promise<Record<string, Float32Array>> {
  const entries = names.map(async (name) => [name, await read(name)] as const);
  return Object.fromEntries(await Promise.all(entries));
}

/** Reads parts of the optimizer state and splits them by frame. */
async function readPerFrame(
  run: ReturnType<typeof openSteps>,
  names: readonly string[],
  batch: number,
): Promise<HostTensors[]> {
  const read = await readNamed(names, (name) => run.read(`state/${name}`));
  return Array.from({ length: batch }, (_, i) => {
    const ofFrame = Object.entries(read).map(([name, data]): [string, HostTensor] => {
      const [, ...shape] = run.start[`state/${name}`]!.shape;
      const size = data.length / batch;
      return [name, { shape, data: data.slice(i * size, (i + 1) * size) }];
    });
    return Object.fromEntries(ofFrame);
  });
}

/** Mean losses of the frames. */
function meanLosses(frames: readonly FrameRecord[]): Record<string, number> {
  const mean = (name: string) => frames.reduce((sum, { losses }) => sum + losses[name]!, 0) / frames.length;
  return Object.fromEntries(Object.keys(frames[0]!.losses).map((name) => [name, mean(name)]));
}
