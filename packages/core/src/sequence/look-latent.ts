import { FaceanimError, randomStream, read } from '@faceanim/tensor';
import * as tf from '@tensorflow/tfjs-core';
import type { Latent } from '../contracts/frames';
import type { AlignedFrame } from '../landmarks/track';
import type { LatentSpace } from '../latents/latent-space';
import { createObjective } from '../optimization/objective';
import { type OptimizedLatent, optimizeLatents } from '../optimization/optimize-latents';
import { stepPrograms } from '../optimization/step-programs';
import { adam } from '../optimizers/adam';
import type { Optimizer } from '../optimizers/optimizer';
import type { LookStart, SequenceRun } from './run';

/** Share of the steps in which all layers move together. The others add what one w for all layers cannot draw. */
const together = 0.5;

/** Learning rate of the layers, in whitened coordinates. */
const layerRate = 0.03;

/**
 * Projects the look with the losses of the run, as if it were a driver frame that shows the look itself: at first with one w
 * for all layers, then each layer on its own.
 *
 * @param run in whitened W.
 * @param frame the look as a driver frame.
 * @param layers the whitened W+ of the generator.
 * @throws {FaceanimError} as `optimizeLatents` does, without a frame; `diverged` says that it was the look.
 */
export async function projectLook(
  run: SequenceRun,
  frame: AlignedFrame,
  layers: LatentSpace,
): Promise<Pick<LookStart, 'latent' | 'carriedOver'>> {
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
  run: SequenceRun,
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
export function layerOffsets({ data, numWs, wDim }: Latent): Float32Array {
  const mean = new Float32Array(wDim);
  for (let i = 0; i < data.length; i++) mean[i % wDim]! += data[i]! / numWs;
  return data.map((value, i) => value - mean[i % wDim]!);
}
