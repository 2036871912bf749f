import { FaceanimError, randomStream, read, type TensorBag } from '@faceanim/tensor';
import * as tf from '@tensorflow/tfjs-core';
import type { Latent } from '../contracts/frames';
import type { AlignedFrame } from '../landmarks/track';
import { type LatentSpace, withOffset } from '../latents/latent-space';
import { createObjective } from '../optimization/objective';
import { type OptimizedLatent, optimizeLatents } from '../optimization/optimize-latents';
import { stepPrograms } from '../optimization/step-programs';
import { adam } from '../optimizers/adam';
import type { Optimizer } from '../optimizers/optimizer';
import type { LookRun, LookStart, ProjectedLook } from './run';

/** Share of the steps in which all layers move together. The others add what one w for all layers cannot draw. */
const together = 0.5;

/** Learning rate of the layers, in whitened coordinates. */
const layerRate = 0.03;

/** Where the frames of a run start, and the space around it in which they move. */
export interface StartAtLook {
  readonly space: LatentSpace;
  readonly from: LookStart;
}

/**
 * Starts a run at its look, which is projected with the losses of the run.
 *
 * @param run in whitened W.
 * @param frame the look as a driver frame.
 * @param layers the whitened W+ of the generator.
 * @param owned gets what has to be disposed.
 * @param known what projecting the look has given before.
 * @throws {FaceanimError} as `optimizeLatents` does, without a frame; `diverged` says that it was the look.
 */
export async function startAtLook(
  run: LookRun,
  frame: AlignedFrame,
  layers: LatentSpace,
  owned: TensorBag,
  known?: ProjectedLook,
): Promise<StartAtLook> {
  const { latent, carriedOver } = known ?? (await projectLook(run, frame, layers));
  const space = owned.use(withOffset(run.space, layerOffsets(latent), latent.numWs));
  return { space, from: { latent, coordinates: space.fromWs(latent.data), frame, carriedOver } };
}

/**
 * Projects the look as if it were a driver frame that shows the look itself: at first with one w for all layers, then each
 * layer on its own.
 */
async function projectLook(run: LookRun, frame: AlignedFrame, layers: LatentSpace): Promise<ProjectedLook> {
  const { numWs, wDim } = run.options.generator;
  const { optimizer, steps } = run.settings;
  const first = Math.ceil(steps.look * together);
  run.clock.look(-1);
  const start = (await run.guess?.(frame)) ?? run.space.origin;
  const common = await solve(run, frame, { space: run.space, optimizer, start, steps: first });
  const { coordinates, carriedOver } = common;
  const spread = layers.origin.map((_, i) => coordinates[i % coordinates.length]!);
  const remaining = { steps: steps.look - first, before: first };
  // quasiNewton would keep a matrix of thousands of coordinates.
  const own = { space: layers, optimizer: adam({ learningRate: layerRate }), start: spread, ...remaining };
  const found = own.steps > 0 ? (await solve(run, frame, own)).coordinates : spread;
  const ws = tf.tidy(() => layers.toWs(tf.tensor3d(found, [1, ...layers.shape])));
  return { latent: { numWs, wDim, data: await read(ws) }, carriedOver };
}

interface Problem {
  readonly space: LatentSpace;
  readonly optimizer: Optimizer;
  readonly start: Float32Array;
  readonly steps: number;
  /** Steps taken before. */
  readonly before?: number;
}

async function solve(
  run: LookRun,
  frame: AlignedFrame,
  { space, optimizer, start, steps, before = 0 }: Problem,
): Promise<OptimizedLatent> {
  const { options, settings, clock } = run;
  using objective = createObjective({
    terms: settings.losses,
    generator: options.generator,
    frame: { index: 0, drivers: [frame], look: run.look, mean: run.mean },
    space,
    noiseMode: options.noiseMaps === 'none' ? 'none' : 'const',
    resolution: settings.stop?.resolution,
    encoded: before > 0 || run.guess !== undefined,
    units: await run.units(),
    runMemo: run.prepared,
  });
  // Frame 0 has the same terms and shapes, by which programs are cached, but another space.
  using programs = stepPrograms(options.backend);
  const optimized = optimizeLatents({
    ...{ objective, space, optimizer, start, steps, programs },
    random: randomStream(settings.seed, 'latent noise of the look', before),
    readEvery: settings.readEvery,
    signal: options.signal,
    onStep: ({ step, losses }) => clock.look(before + step, losses),
  });
  const [result] = await optimized.catch((error) => {
    throw ofLook(error, before);
  });
  return result!;
}

/** An error of the look, which would name frame 0 of the driver, and its step without those taken before. */
function ofLook(error: unknown, before: number): unknown {
  if (!FaceanimError.isInstance(error)) return error;
  const { code, message, hint, step } = error;
  const text = code === 'diverged' ? `The look could not be projected. ${message}` : message;
  return new FaceanimError(code, text, {
    cause: error,
    hint,
    step: step === undefined ? step : before + step,
  });
}

/** How far each layer of a latent is from their mean, `[numWs, wDim]`. */
function layerOffsets({ data, numWs, wDim }: Latent): Float32Array {
  const mean = new Float32Array(wDim);
  for (let i = 0; i < data.length; i++) mean[i % wDim]! += data[i]! / numWs;
  return data.map((value, i) => value - mean[i % wDim]!);
}
